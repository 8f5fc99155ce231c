#!/bin/sh
wc -l </opt/stock/list.txt
