"""The pages in docs/reference: made from the code, and not part of the product."""

MARK = "<!-- Made by docs/generate.py; edit the code it describes instead. -->\n"
