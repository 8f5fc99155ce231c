"""The image mode ``rebuild``: a Containerfile as a person would have written it, and what it needs beside it."""
