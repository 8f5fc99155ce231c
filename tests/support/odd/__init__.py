"""Services that do what rules look for, to be recorded on a host of the estate (see ``record_estate --odd``)."""
