"""Rules about the target's kernel and processor, which all its containers share."""
