#!/bin/sh
exec nc -lk -p 8080 -e /opt/stock/answer.sh
