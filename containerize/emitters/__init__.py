"""What is written beside an image: one form a file, and EMITTERS, the whole list."""
