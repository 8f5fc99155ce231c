"""A process confined to one directory, in which a host's archives are unpacked and read."""
