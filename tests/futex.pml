/*
 * tests/futex.pml -- a model of common/futex.h: can somebody be left asleep?
 *
 *     spin -run futex.pml              all orders of events: errors: 0
 *     spin -DRELAXED -run futex.pml    with what --relaxed allows: errors: 1
 *     spin -DRELAXED -p -t futex.pml   and that is how
 *
 * Each end has a store buffer, as a processor has: the other end sees a store
 * when it leaves the buffer, any time later. A sequentially consistent store
 * has left it before the next step.
 */
#define CHANGES 4

byte word; /* what both ends see */
bit flag;
bool asleep;

byte word_buffer; /* what only the end that stored it sees */
bool word_waits, flag_waits;

inline drain_word()
{
    if
    :: word_waits -> word = word_buffer; word_waits = false
    :: else
    fi
}

inline drain_flag()
{
    if
    :: flag_waits -> flag = 1; flag_waits = false
    :: else
    fi
}

/* They empty themselves, in no hurry. */
active proctype store_buffers()
{
end:
    do
    :: atomic { word_waits -> drain_word() }
    :: atomic { flag_waits -> drain_flag() }
    od
}

/* futex_set(), for each of the changes. */
active proctype sets()
{
    byte n;
    bit taken;

    for (n : 1 .. CHANGES) {
        atomic {
            drain_word(); /* one place is enough: stores leave in order */
            word_buffer = n;
            word_waits = true;
#ifndef RELAXED
            drain_word()
#endif
        }
        if
        :: flag == 1 ->
            atomic { drain_word(); taken = flag; flag = 0 } /* an exchange */
            if
            :: taken == 1 -> asleep = false
            :: else
            fi
        :: else
        fi
    }
}

/* ring_wait() without the looks, until the last change has been seen. Nothing
 * but a wake-up ends the sleep: the time limit is left out. */
active proctype waits()
{
    byte seen, now;

    do
    :: seen == CHANGES -> break
    :: else ->
        atomic {
            flag_waits = true;
#ifndef RELAXED
            drain_flag()
#endif
        }
        now = word;
        if
        :: now == seen ->
            atomic { drain_flag(); asleep = (flag == 1) } /* the kernel */
            !asleep
        :: else
        fi
        atomic { drain_flag(); flag = 0 } /* an exchange */
        seen = word
    od
}
