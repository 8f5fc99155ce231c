"""Parsers of the formats that several sections share."""
