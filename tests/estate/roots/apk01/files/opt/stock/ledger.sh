#!/bin/sh
while :; do sleep 300; done
