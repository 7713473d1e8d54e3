# each reading when the one before is acknowledged
# Stop and wait
s/int ready = poll(&readable, 1, .*/int ready = poll(\&readable, 1, 20);/
s/^            return false;/            return true;/
