#!/bin/sh
# Checks the Promela model with spin: the model as it is must hold, each planted error must be refuted.
# Prints one line for each run and exits with 1 if one of them is not as it should be. Needs spin and a C compiler.
set -eu
model="$(cd "$(dirname "$0")" && pwd)/interlock.pml"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0
for plant in 0 1 2 3; do
    spin -DPLANT=$plant -a "$model" >spin.out
    cc -O2 -DSAFETY -DNOREDUCE -o pan pan.c
    ./pan -m1000000 -n >pan.out
    errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' pan.out)
    states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' pan.out)
    if [ "$plant" = 0 ]; then what="the model holds"; expected=0; else what="planted error $plant is refuted"; expected=1; fi
    complete=yes
    if grep -q -e 'Search not completed' -e 'max search depth too small' pan.out && [ "$plant" = 0 ]; then complete=no; fi
    if [ "$errors" = "$expected" ] && [ "$complete" = yes ]; then verdict=yes; else verdict=NO; failed=1; fi
    echo "spin: $what: $verdict ($states states, $errors errors)"
done
exit $failed
