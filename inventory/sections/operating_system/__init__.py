"""The operating system: kernel, settings, accounts and usage."""
