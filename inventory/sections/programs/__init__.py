"""Running programs: processes, their files, libraries and shared memory."""
