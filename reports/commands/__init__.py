"""The commands whose results people read: scan, report, export."""
