/*
 * tests/ftp.pml -- a model of msg/ftp: the client and the worker, and the queue
 *                  between them.
 *
 *     sh tests/prove.sh ftp    all orders of events, and every mutation
 *
 * What follows what is in the two tables of ftp_machine.h, included as C. The
 * queue keeps its order and loses nothing, as the kernel's; but any call may
 * fail, or take too long, and each end may be killed: then the client's
 * watchdog removes the queue, if it is not killed as well. SIGTERM makes a
 * worker remove it. Who waits for one that was killed, and whose queue is
 * still there, has a time limit; otherwise there is none here: an end that is
 * left waiting by one that has ended is a deadlock. msg/proof.md has what is
 * left out.
 */
#define BLOCKS 2
#define ROOM 2 /* messages in the queue, beside PATH and DONE */

c_decl {
\#include "msg/ftp/ftp_machine.h"
}

mtype { DATA, EOT, ERROR }

byte client_state, client_action, client_event;
byte worker_state, worker_action, worker_event;
chan queue = [ROOM] of { mtype };
bit path, done, called, removed;
bit client_ended, client_killed, watchdog_killed, worker_ended, worker_killed;
bit taken; /* the request, by a worker */
byte received, committed;
byte at; /* in the file */
bit confirmed; /* the worker says that the client has the file */
byte faults, faults_allowed; /* 0, 1 or 2 */

/* FAULT: a call fails. */
#define FAULT(event, value) :: atomic { faults > 0 -> faults--; event = value }

/* The values of the enums, which spin does not see: checked in init. */
#define OK 1
#define LOCAL_ERROR 2
#define QUEUE_REMOVED 3
#define TIMEOUT 4
#define PROTOCOL_ERROR 5
#define DATA_RECEIVED 6
#define EOT_RECEIVED 7
#define ERROR_RECEIVED 8
#define DATA_READ 9
#define END_OF_FILE 10
#define NO_REQUEST 11
#define DONE_RECEIVED 12
#define END 1
#define SEND_CALL 2
#define RECEIVE 3
#define STORE 4
#define COMMIT 5
#define SEND_DONE 6
#define RECEIVE_PATH 7
#define OPEN 8
#define READ 9
#define SEND_DATA 10
#define SEND_EOT 11
#define SEND_ERROR 12
#define WAIT_CONFIRM 13
#define REMOVE_QUEUE 14
#define CLIENT_SUCCEEDED 6

proctype client()
{
    do
    :: client_action == END -> break
    :: atomic { faults > 0 -> faults--; client_killed = 1 }; break
    :: atomic { faults > 1 -> faults = faults - 2; client_killed = 1;
        watchdog_killed = 1 }; break
    :: client_action == SEND_CALL ->
        if
        :: path = 1; called = 1; client_event = OK
        FAULT(client_event, LOCAL_ERROR)
        fi;
        goto step
    :: client_action == RECEIVE ->
        if
        :: removed -> client_event = QUEUE_REMOVED
        :: !removed && queue?[DATA] -> queue?DATA; client_event = DATA_RECEIVED
        :: !removed && queue?[EOT] -> queue?EOT;
            client_event = (received == BLOCKS -> EOT_RECEIVED : PROTOCOL_ERROR)
        :: !removed && queue?[ERROR] -> queue?ERROR; client_event = ERROR_RECEIVED
        :: worker_killed && empty(queue) -> client_event = TIMEOUT
        FAULT(client_event, TIMEOUT)
        FAULT(client_event, LOCAL_ERROR)
        fi;
        goto step
    :: client_action == STORE ->
        if
        :: received++; client_event = OK
        FAULT(client_event, LOCAL_ERROR)
        fi;
        goto step
    :: client_action == COMMIT ->
        if
        :: committed++; client_event = OK;
            assert(received == BLOCKS && committed == 1)
        FAULT(client_event, LOCAL_ERROR)
        fi;
        goto step
    :: client_action == SEND_DONE ->
        if
        :: removed -> client_event = QUEUE_REMOVED
        :: !removed -> done = 1; client_event = OK
        FAULT(client_event, LOCAL_ERROR)
        fi;
step:
        atomic {
            c_code {
                struct ftp_step step =
                    ftp_client_step(now.client_state, now.client_event);
                now.client_state = step.state;
                now.client_action = step.action;
            };
            client_event = 0;
            assert(client_action != 0)
        }
    od;
    atomic {
        if
        :: watchdog_killed
        :: else -> removed = 1
        fi;
        client_ended = 1
    }
}

/* ftp_send(): there is room, or the queue is removed, or it takes too long. */
inline send(what)
{
    if
    :: removed -> worker_event = QUEUE_REMOVED
    :: !removed && nfull(queue) -> queue!what; worker_event = OK
    :: watchdog_killed && client_ended && full(queue) -> worker_event = TIMEOUT
    FAULT(worker_event, TIMEOUT)
    FAULT(worker_event, LOCAL_ERROR)
    fi
}

proctype worker()
{
    if
    :: called
    :: client_ended -> goto ended
    /* The server cannot start it, and says so in its place. */
    :: atomic { called && path && !removed && faults > 0 -> faults--; path = 0;
        queue!ERROR }; goto ended
    fi;
    do
    :: worker_action == END -> break
    :: worker_action == REMOVE_QUEUE -> removed = 1; break
    :: atomic { faults > 0 -> faults--; worker_killed = 1 }; break
    :: atomic { taken && faults > 0 -> faults--; removed = 1 }; break /* SIGTERM */
    :: worker_action == RECEIVE_PATH ->
        if
        :: atomic { path && !removed -> path = 0; taken = 1; worker_event = OK }
        :: removed -> worker_event = NO_REQUEST
        :: atomic { path && !removed && faults > 0 -> faults--; path = 0;
            taken = 1; worker_event = PROTOCOL_ERROR }
        fi;
        goto step
    :: worker_action == OPEN ->
        if
        :: worker_event = OK
        FAULT(worker_event, LOCAL_ERROR)
        fi;
        goto step
    :: worker_action == READ ->
        if
        :: at < BLOCKS -> at++; worker_event = DATA_READ
        :: at == BLOCKS -> worker_event = END_OF_FILE
        FAULT(worker_event, LOCAL_ERROR)
        fi;
        goto step
    :: worker_action == SEND_DATA -> send(DATA); goto step
    :: worker_action == SEND_EOT -> send(EOT); goto step
    :: worker_action == SEND_ERROR -> send(ERROR); goto step
    :: worker_action == WAIT_CONFIRM ->
        if
        :: removed -> worker_event = QUEUE_REMOVED
        :: !removed && done -> done = 0; worker_event = DONE_RECEIVED;
            confirmed = 1
        :: watchdog_killed && client_ended && !done -> worker_event = TIMEOUT
        FAULT(worker_event, TIMEOUT)
        fi;
step:
        atomic {
            c_code {
                struct ftp_step step =
                    ftp_worker_step(now.worker_state, now.worker_event);
                now.worker_state = step.state;
                now.worker_action = step.action;
            };
            worker_event = 0;
            assert(worker_action != 0)
        }
    od;
ended:
    worker_ended = 1
}

init {
    atomic {
        if
        :: faults_allowed = 0
        :: faults_allowed = 1
        :: faults_allowed = 2
        fi;
        faults = faults_allowed;
        c_code {
            now.client_state = FTP_CLIENT_CALLING;
            now.client_action = FTP_SEND_CALL;
            now.worker_state = FTP_WORKER_STARTING;
            now.worker_action = FTP_RECEIVE_PATH;
            if (FTP_OK != 1 || FTP_DONE_RECEIVED != 12 || FTP_END != 1 ||
                FTP_REMOVE_QUEUE != 14 || FTP_CLIENT_SUCCEEDED != 6)
                Uerror("the numbers above are not those of the enums");
        };
        run client();
        run worker()
    }
    client_ended && worker_ended;
    /* A client that says that it has the file has it, also if it was killed
     * while it said so; and without a fault it has it. */
    assert(client_state != CLIENT_SUCCEEDED || committed == 1);
    assert(faults < faults_allowed || client_state == CLIENT_SUCCEEDED);
    assert(!confirmed || committed == 1);
    assert(committed == 0 || client_killed || client_state == CLIENT_SUCCEEDED);
    /* No queue is left, unless its client and the watchdog were killed, and the
     * worker too, if there was one. */
    assert(removed || (watchdog_killed && (!taken || worker_killed)))
}
