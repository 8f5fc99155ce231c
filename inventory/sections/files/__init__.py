"""Files on the host: configuration, certificates, data directories and unmanaged files."""
