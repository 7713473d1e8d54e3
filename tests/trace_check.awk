# tests/trace_check.awk -- what has to be true of every list of events.
#
# Prints what is not; see common/trace/event.h for the fields.
BEGIN { FS = "\t" }
$1 == "note" && /could not be put in order/ { wrong("no order was found") }
$1 != "event" { next }
{
    kind = $4
    arrow = $6
    if ($8 ~ /-[0-9]/)
        wrong("less than nothing is held")
    if ((kind == "send" || kind == "sent" || kind == "wait") && arrow > 0) {
        if (arrow in sent && kind != "sent")
            wrong("was sent before")
        sent[arrow] = 1
    }
    if ((kind == "receive" || kind == "received") && arrow > 0 &&
        !(arrow in sent))
        wrong("is received before it was sent")
    if (ended[$3])
        wrong("the process has ended")
    if (kind == "end")
        ended[$3] = 1
    if (waits[$3] && kind != "return" && kind != "sent" &&
        kind != "received" && kind != "end")
        wrong("the process waits, and does something else")
    if (!waits[$3] && (kind == "return" || kind == "received"))
        wrong("returns, and did not wait")
    waits[$3] = kind == "wait"
}
function wrong(why) {
    print FILENAME ":" FNR ": " why ": " $0
    found = 1
}
END { exit found }
