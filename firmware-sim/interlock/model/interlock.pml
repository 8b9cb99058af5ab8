/* The interlock once more, in another language, written from the requirements and not from the Rust.
 *
 * One turn of the loop is one tick. First the world moves: a person may press or release the button and the reset, each
 * contact and each relay may lag by a tick, the beacon may be heard or not, the agent may say anything, the power may
 * fail. Then the machine decides. Then an observer, who knows only pins and words, asserts the invariants.
 *
 * Times are scaled to a few ticks. Left out: link errors, which are one more reason to stop, and broken parts.
 *
 * run.sh checks it, and checks that each planted error (-DPLANT=1..3) is refuted; with longer times (-DFULL) too.
 */

#ifndef PLANT
#define PLANT 0
#endif

#ifdef FULL
/* Each time is one tick longer, so that none of the errors below is hidden by times that happen to coincide. */
#define LONGER(ticks) (ticks + 1)
#else
#define LONGER(ticks) (ticks)
#endif

#define DISCREPANCY LONGER(2)
#define MIRROR LONGER(1)
#define HEARTBEAT LONGER(2)
#define BEACON LONGER(1)
#define RAMP LONGER(2)
#define RESET_MIN 1
#define RESET_MAX LONGER(2)
#define HEALTHY LONGER(1)
#define STANDBY LONGER(3)
#define RETURNS_WINDOW LONGER(7)

mtype = { tripped, reset_armed, reset_pressed, released, energised, stopping, standby, locked };
mtype = { nothing, beat, arm, session, stop, stop_latched };

/* The world. */
bool latched, closed_a = true, closed_b = true, reset, was_reset;
bool relay_1, relay_2, beacon, moved;
mtype word = nothing;
/* Trips since the agent last read the epoch; it stops at 2. An Arm is current if it is 0. */
byte behind = 2;

/* The machine. */
mtype phase = tripped;
bool on, ramp_only, was_on, latching, demanded;
byte ticks, calm, silent = HEARTBEAT + 1, dark = BEACON + 1, differ, lagging, proof;
byte last_return;

/* The observer. */
bool reset_done, good_press, tested_closed, tested_open, tested, stale = true, was_full, was_locked;
byte pressed_for, unheard = HEARTBEAT + 1, unseen = BEACON + 1, ramped, held;

#define demand (!closed_a || !closed_b)
#define mirrors (!relay_1 && !relay_2)

#if PLANT == 1
/* The epoch is not raised: an Arm meant for an earlier stop fits. */
#define TRIP skip
#else
#define TRIP behind = (behind < 2 -> behind + 1 : 2)
#endif

#if PLANT == 2
/* The Arm may come in the very tick in which the reset is let go. */
#define RESET_UP (!reset)
#else
#define RESET_UP (!reset && !was_reset)
#endif

#if PLANT == 3
/* A reset that is pressed already counts, so one that is taped down will do. */
#define RESET_IS_UP true
#else
#define RESET_IS_UP (!reset)
#endif

inline the_world_moves() {
    was_reset = reset; was_on = on; was_full = (phase == energised); was_locked = (phase == locked);
    if :: latched = !latched; moved = true :: skip fi;
    if :: reset = !reset :: skip fi;
    if :: moved -> if :: closed_a = !latched :: skip fi; if :: closed_b = !latched :: skip fi
       :: else -> closed_a = !latched; closed_b = !latched fi;
    if :: beacon = true :: beacon = false fi;
    if :: word = nothing :: word = beat :: word = arm :: word = session :: word = stop :: word = stop_latched fi;
    if :: behind > 0 || stale -> if :: behind = 0; stale = false :: skip fi
       :: else fi
}

inline power_up() {
    phase = tripped; on = false; ramp_only = false; latching = false; ticks = 0; calm = 0; proof = 0;
    silent = HEARTBEAT + 1; dark = BEACON + 1; differ = 0; lagging = 0; last_return = 0; demanded = false;
    reset_done = false; good_press = false; tested_closed = false; tested_open = false; tested = false;
    unheard = HEARTBEAT + 1; unseen = BEACON + 1; ramped = 0; pressed_for = 0; stale = true;
    relay_1 = false; relay_2 = false;
    TRIP
}

inline listen() {
    if :: word == beat || word == arm -> silent = 0
       :: else -> silent = (silent <= HEARTBEAT -> silent + 1 : silent) fi;
    if :: beacon -> dark = 0 :: else -> dark = (dark <= BEACON -> dark + 1 : dark) fi;
    last_return = (last_return > 0 -> last_return - 1 : 0);
    if :: phase != locked ->
          differ = (closed_a == closed_b -> 0 : differ + 1);
          lagging = ((relay_1 == on && relay_2 == on) -> 0 : lagging + 1)
       :: else fi;
    if :: proof == 0 && !demand -> proof = 1
       :: proof == 1 && !closed_a && !closed_b -> proof = 2
       :: proof == 2 && !demand && mirrors -> proof = 3
       :: else fi
}

inline energise() { phase = energised; ticks = 0; calm = 0 }

inline by_phase() {
    if
    :: phase == tripped -> if :: proof == 3 && mirrors && RESET_IS_UP -> phase = reset_armed :: else fi
    :: phase == reset_armed ->
        if :: !mirrors -> phase = tripped :: mirrors && reset -> phase = reset_pressed; ticks = 0 :: else fi
    :: phase == reset_pressed ->
        if :: !mirrors || (reset && ticks >= RESET_MAX) -> phase = tripped
           :: mirrors && !reset -> phase = (ticks >= RESET_MIN -> released : reset_armed); ticks = 0
           :: else -> ticks++ fi
    :: phase == released ->
        if :: word == stop_latched -> phase = tripped; TRIP
           :: word == arm && behind == 0 && mirrors && RESET_UP && dark <= BEACON -> energise()
           :: else fi
    :: phase == energised ->
        if :: word == stop_latched || word == stop || word == session || silent > HEARTBEAT || dark > BEACON ->
              latching = (word == stop_latched); phase = stopping; ticks = 0; TRIP
           :: else fi
    :: phase == stopping ->
        if :: word == stop_latched && !latching -> latching = true; TRIP :: else fi;
        ticks++;
        if :: ticks < RAMP :: else ->
              ticks = 0;
              if :: latching -> phase = tripped
                 :: !latching && last_return > 0 -> phase = tripped; TRIP
                 :: else -> phase = standby; calm = 0 fi;
              latching = false fi
    :: phase == standby ->
        if :: word == stop_latched || ticks >= STANDBY -> phase = tripped; ticks = 0; TRIP
           :: word == arm && behind == 0 && ticks < STANDBY && calm >= HEALTHY && mirrors && RESET_UP &&
              dark <= BEACON -> last_return = RETURNS_WINDOW; energise()
           :: else ->
              ticks++;
              calm = ((word == stop || word == session || silent > HEARTBEAT || dark > BEACON) -> 0 :
                      (calm < HEALTHY -> calm + 1 : calm)) fi
    :: else
    fi
}

inline decide() {
    if :: phase == locked
       :: phase != locked && (differ > DISCREPANCY || lagging > MIRROR) -> phase = locked; proof = 0; TRIP
       :: phase != locked && differ <= DISCREPANCY && lagging <= MIRROR && demand ->
          if :: !demanded && proof == 3 -> TRIP :: else fi;
          phase = tripped; ticks = 0; latching = false
       :: else -> by_phase() fi;
    if :: phase == tripped || phase == reset_armed || phase == released || phase == locked -> ticks = 0 :: else fi;
    if :: phase == locked || phase == tripped -> differ = (phase == locked -> 0 : differ); latching = false :: else fi;
    if :: phase == locked -> lagging = 0 :: else fi;
    demanded = demand;
    on = (phase == energised || phase == stopping);
    ramp_only = (phase == stopping);
    if :: on != was_on -> lagging = 0 :: else fi
}

/* The observer's account before the answer counts. */
inline observe() {
    if :: word == beat || word == arm -> unheard = 0
       :: else -> unheard = (unheard <= HEARTBEAT -> unheard + 1 : unheard) fi;
    if :: beacon -> unseen = 0 :: else -> unseen = (unseen <= BEACON -> unseen + 1 : unseen) fi;
    if :: tested_open && !demand && mirrors -> tested = true :: else fi;
    if :: tested_closed && !closed_a && !closed_b -> tested_open = true :: else fi;
    if :: !demand -> tested_closed = true :: else fi;
    if :: reset && !was_reset -> good_press = (!demand && mirrors && tested); pressed_for = 0
       :: reset && was_reset -> pressed_for = (pressed_for <= RESET_MAX -> pressed_for + 1 : pressed_for)
       :: else fi
}

inline judge() {
    /* I1 and SR-01 */ assert(!demand || !on);
    /* I11, I12 */ assert(phase != energised || (unheard <= HEARTBEAT && unseen <= BEACON));
    /* I13 */ assert(!(word == stop || word == stop_latched) || phase != energised);
    /* I14 */ assert(!was_locked || phase == locked);
    if :: on && !was_on ->
          /* I4, I15 */ assert(word == arm && !stale);
          /* I5, I6, I21 */ assert(reset_done);
          /* I7 */ assert(reset == was_reset);
          /* I8 */ assert(tested);
          /* I9 */ assert(mirrors)
       :: else fi;
    /* The ramp is bounded, whatever is said. */
    ramped = (ramp_only -> ramped + 1 : 0);
    assert(ramped <= RAMP)
}

/* What the answer adds to the account. */
inline conclude() {
    if :: !reset && was_reset && good_press && pressed_for >= RESET_MIN && pressed_for <= RESET_MAX && !demand &&
          mirrors -> reset_done = true
       :: else fi;
    if :: demand || phase == locked || (word == stop_latched && (was_on || was_full)) -> reset_done = false; good_press = false
       :: else fi;
    if :: !reset || !mirrors -> good_press = false; pressed_for = 0 :: else fi;
    if :: was_full && phase != energised -> stale = true :: else fi;
    if :: phase == locked -> tested = false; tested_open = false; tested_closed = false :: else fi;
    held = (latched -> (held < 3 -> held + 1 : 3) : 0)
}

/* Only a relay whose command just changed can be late. */
inline the_relays_follow() {
    if :: on != was_on -> if :: relay_1 = on :: skip fi; if :: relay_2 = on :: skip fi
       :: else -> relay_1 = on; relay_2 = on fi;
    /* I2 */ assert(held < 3 || !(relay_1 && relay_2))
}

active proctype robot() {
    do
    :: atomic {
        if
        :: power_up()
        :: the_world_moves();
           d_step { listen(); observe(); decide(); judge(); conclude() };
           the_relays_follow()
        fi;
        /* What is chosen anew in the next tick must not tell states apart. */
        moved = false; word = nothing; beacon = false; was_full = false; was_on = false; was_locked = false
    }
    od
}
