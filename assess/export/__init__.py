"""The assessment as published JSON: its documents, their schemas, and how they are written."""
