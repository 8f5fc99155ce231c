"""The sections as Windows answers them: one module for each section that means the same on both platforms."""
