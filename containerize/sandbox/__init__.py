"""Where bytes of a host are unpacked or read back: a process that has nothing but one directory."""
