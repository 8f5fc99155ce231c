#!/usr/bin/python3
"""Takes a sample each second."""

import time

while True:
    time.sleep(1)
