"""How Windows is asked what a section asks: one module for each section that means the same on both platforms."""
