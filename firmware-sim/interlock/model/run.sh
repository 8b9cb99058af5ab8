#!/bin/sh
# Checks the Promela model with spin: the model as it is must hold, each planted error must be refuted.
# Prints one line for each run and exits with 1 if one of them is not as it should be; with --full once more, with longer
# times. Needs spin and a C compiler.
set -eu
model="$(cd "$(dirname "$0")" && pwd)/interlock.pml"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0

# check NAME FLAGS
check() {
    for plant in 0 1 2 3; do
        spin -DPLANT=$plant $2 -a "$model" >spin.out
        cc -O2 -DSAFETY -DNOREDUCE -DCOLLAPSE -o pan pan.c
        ./pan -m10000000 -n >pan.out
        errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' pan.out)
        states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' pan.out)
        if [ "$plant" = 0 ]; then
            what="the model holds"
            expected=0
        else
            what="planted error $plant is refuted"
            expected=1
        fi
        verdict=yes
        if [ "$errors" != "$expected" ]; then verdict=NO; fi
        if [ "$plant" = 0 ] && grep -q -e 'Search not completed' -e 'max search depth too small' pan.out; then verdict=NO; fi
        if [ "$verdict" = NO ]; then failed=1; fi
        echo "spin $1: $what: $verdict ($states states, $errors errors)"
    done
}

check small ""
if [ "${1:-}" = --full ]; then check full -DFULL; fi
exit $failed
