#!/usr/bin/env bash
# tests/bench_peers.sh [ring|ftp|tftp|httpd|line]... -- the ring of shm/ and the
# larger programs beside what one would take instead, as far as it is installed:
# make bench-peers.
#
# In turns, ROUNDS (5) times each; ratios are of the same round, then the
# median, and how far the middle half of the rounds lies apart. Everything runs
# in a folder of its own in /dev/shm, in the foreground, on ports of its own.
set -u
build=$PWD/${BUILD:-build}
tests=$(cd "$(dirname "$0")" && pwd)
rounds=${ROUNDS:-5}
seconds=${SECONDS_EACH:-1} # of wrk
[ $# -gt 0 ] || set -- ring ftp tftp httpd line

folder=$(mktemp -d -p /dev/shm) || exit 1
started=()
# shellcheck disable=SC2317 # by the traps
tidy_up() {
    local pid
    for pid in "${started[@]}"; do
        kill -TERM -- "-$pid" 2>/dev/null
    done
    wait 2>/dev/null
    rm -rf "$folder"
}
trap tidy_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$folder" || exit 1
exec 3>&1

# The processors: one for the server, one for what measures it.
mapfile -t cores < <(taskset -cp $$ | sed 's/.*: //' | tr , '\n' |
    awk -F- '{ for (i = $1; i <= $NF; i++) print i }')
first=${cores[0]} last=${cores[-1]}
PATH=$PATH:/usr/sbin:/opt/nginx/usr/sbin:/opt/lighttpd/usr/sbin

there() { command -v "$1" >/dev/null; }
missing() { echo "not installed, left out: $*" >&3; }
record() { echo "$@" >>"$folder/all"; } # SCENARIO PROGRAM ROUND VALUE UNIT
free_port() {
    perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1,
        LocalAddr => "127.0.0.1")->sockport'
}

# serve NAME COMMAND...: in the background, a session of its own on one core.
serve() {
    local name=$1
    shift
    echo "  $*" >&3
    setsid taskset -c "$first" "$@" >"$name.log" 2>&1 </dev/null &
    started+=($!)
    session[$name]=$!
}
declare -A session=()

# used NAME: microseconds of processor time that its session has used, and the
# children that it has waited for.
used() {
    cat /proc/[0-9]*/stat 2>/dev/null | sed 's/^.*) //' |
        awk -v session="${session[$1]}" '$4 == session {
            ticks += $12 + $13 + $14 + $15
        } END { print ticks * 10000 }'
}

# widen NAME: let all its processes use both cores.
widen() {
    local pid
    for pid in $(ps -s "${session[$1]}" -o pid=); do
        taskset -cp "$first,$last" "$pid" >/dev/null 2>&1
    done
}

# timed: milliseconds that a command takes; nothing if it fails.
timed() {
    local start=$EPOCHREALTIME
    "$@" >out 2>&1 || { cat out >&2; return 1; }
    echo $(((${EPOCHREALTIME/./} - ${start/./}) / 1000))
}

# table OURS: a line for each scenario and program; beside ours, how many times
# as good ours is.
table() {
    awk -v ours="$1" '
        { value[$1, $2, $3] = $4; unit[$1] = $5; if ($3 > n) n = $3
          if (!($1 in s)) { s[$1] = 1; scenario[++scenarios] = $1 }
          if (!(($1, $2) in p)) { p[$1, $2] = 1
              program[$1, ++programs[$1]] = $2 } }
        function put(x,    i) {
            for (i = k++; i > 0 && v[i] > x; i--) v[i + 1] = v[i]
            v[i + 1] = x
        }
        function rank(percent,    r) {
            r = int((k * percent + 99) / 100)
            return v[r < 1 ? 1 : r]
        }
        END {
            printf "%-26s %-12s %10s %-6s %6s %5s\n", "", "", "median", "",
                "ours", "+-%"
            for (a = 1; a <= scenarios; a++)
                for (b = 1; b <= programs[scenario[a]]; b++) {
                    x = scenario[a]; y = program[x, b]; k = 0
                    for (r = 1; r <= n; r++)
                        if ((x, y, r) in value) put(value[x, y, r])
                    if (k == 0) continue
                    printf "%-26s %-12s %10.1f %-6s", x, y, rank(50), unit[x]
                    k = 0
                    for (r = 1; r <= n; r++)
                        if (value[x, y, r] > 0 && value[x, ours, r] > 0) {
                            times = value[x, ours, r] / value[x, y, r]
                            put(unit[x] ~ /^[nu]s/ ? 1 / times : times)
                        }
                    if (y == ours || k == 0) { print ""; continue }
                    apart = (rank(75) - rank(25)) / rank(50)
                    printf " %6.2f%s%4.0f\n", rank(50),
                        (apart > 0.15 ? "?" : " "), 100 * apart
                }
        }' "$folder/all"
    rm -f "$folder/all"
}

# --- shm/ring.h: 64 bytes a message, between two cores.
ring_peers() {
    printf '\nshm/ring.h: 64 bytes a message, both ends on a core each\n'
    local flags=() parts=(peers.o)
    if echo '#include <ck_ring.h>' | ${CC:-cc} -fsyntax-only -xc - 2>/dev/null
    then
        flags+=(-DWITH_CK)
    else
        missing 'ck_ring.h (Debian: libck-dev)'
    fi
    if ${CXX:-c++} -O2 -c -o boost.o "$tests/ring_boost.cc" 2>/dev/null; then
        flags+=(-DWITH_BOOST)
        parts+=(boost.o)
    else
        missing 'a C++ compiler, boost/lockfree (Debian: g++, libboost-dev)'
    fi
    ${CC:-cc} -O2 "${flags[@]}" -c -o peers.o "$tests/ring_peers.c" &&
        ${CC:-cc} -o ring_peers "${parts[@]}" || return 1
    taskset -c "$first,$last" ./ring_peers "$rounds" >"$folder/all" || return 1
    table ring
    cat <<'END'
ours: so many times as good as the other, all of 4096 slots. ck is Concurrency
Kit's ck_ring, boost is boost::lockfree::spsc_queue, boost-32 with 32 messages
in a call. line: no ring, one cache line, of which a ring needs two.
END
}

# --- msg/ftp: 200 MB through a queue, both ends on one core.
ftp_peers() {
    printf '\nmsg/ftp: 200 MB in memory, both ends on one core\n'
    ${CC:-cc} -O2 -o bare "$tests/bare_copier.c" || return 1
    head -c 200000000 /dev/urandom >file
    date >key
    mkfifo ready
    echo "  ftp_server --requests 1 . key; ftp_client key file copy"
    echo "  bare_copier file copy (read, msgsnd, msgrcv, write); cp file copy"
    local round way start
    for ((round = 1; round <= rounds; round++)); do
        for way in ftp bare cp; do
            rm -f copy
            if [ $way = ftp ]; then
                taskset -c "$first" "$build/msg/ftp_server" --requests 1 . key \
                    >ready 2>log &
                read -r _ <ready
                set -- taskset -c "$first" "$build/msg/ftp_client" key file copy
            elif [ $way = bare ]; then
                set -- taskset -c "$first" ./bare file copy
            else
                set -- taskset -c "$first" cp file copy
            fi
            start=$(timed "$@") || return 1
            [ $way != ftp ] || wait $!
            cmp file copy || return 1
            record copy $way $round $((200000 / (start > 0 ? start : 1))) MB/s
        done
    done
    rm -f file copy
    table ftp
    echo "ours: so many times the MB/s of the other"
}

# --- udp/tftp: in blocks of 1428 bytes, 8 MB, and 0.2 MB over a bad link.
tftp_peers() {
    printf '\nudp/tftp: blocks of 1428 bytes; 8 MB, over the bad link 0.2 MB\n'
    if [ ! -x "$build/udp/tftp_server" ]; then
        echo "not built, left out: udp/tftp_server"
        return
    fi
    mkdir -p root && head -c 8000000 /dev/urandom >root/8000
    head -c 200000 root/8000 >root/200
    chmod 755 . root
    local port round way ms link kb
    declare -A at=()
    at[ours]=$(free_port)
    serve ours "$build/udp/tftp_server" 127.0.0.1 "${at[ours]}" "$PWD/root"
    if there atftpd; then
        at[atftpd]=$(free_port)
        serve atftpd atftpd --daemon --no-fork --port "${at[atftpd]}" \
            --bind-address 127.0.0.1 --user root --group root "$PWD/root"
    else
        missing atftpd
    fi
    if in.tftpd --version 2>&1 | grep -q tftp-hpa; then
        at[hpa]=$(free_port)
        serve hpa in.tftpd -L -a "127.0.0.1:${at[hpa]}" -s "$PWD/root"
    else
        missing tftpd-hpa
    fi
    there curl || missing curl
    sleep 0.3

    fetch() { # CLIENT PORT
        rm -f copy
        case $1 in
        ours) timed taskset -c "$last" timeout 20 "$build/udp/tftp_client" \
            --block 1428 127.0.0.1 "$2" $kb copy ;;
        stopwait) timed taskset -c "$last" timeout 20 "$build/udp/tftp_client" \
            --window 1 --block 1428 127.0.0.1 "$2" $kb copy ;;
        busybox) timed taskset -c "$last" timeout 20 busybox tftp -g -b 1428 \
            -r $kb -l copy 127.0.0.1 "$2" ;;
        curl) timed taskset -c "$last" timeout 20 curl -s --tftp-blksize 1428 \
            -o copy "tftp://127.0.0.1:$2/$kb" ;;
        atftp) timed taskset -c "$last" timeout 20 atftp --get -r $kb -l copy \
            --option "blksize 1428" 127.0.0.1 "$2" ;;
        esac
    }
    for link in loopback "late-2ms,lost-1%"; do
        kb=8000
        [ "$link" = loopback ] || kb=200
        for ((round = 1; round <= rounds; round++)); do
            for way in ours:ours ours:stopwait hpa:curl hpa:busybox \
                atftpd:curl atftpd:atftp ours:curl; do
                port=${at[${way%:*}]-}
                case ${way#*:} in
                ours | stopwait) ;;
                *) there "${way#*:}" || continue ;;
                esac
                [ -n "$port" ] || continue
                if [ "$link" != loopback ]; then
                    relay=$(free_port)
                    "$build/udp/relay" --silent --delay 2 --loss 1 \
                        --seed "$round" --idle 6000 127.0.0.1 "$relay" \
                        127.0.0.1 "$port" >relay.log 2>&1 &
                    port=$relay
                    sleep 0.1
                fi
                ms=$(fetch "${way#*:}" "$port" 2>/dev/null) &&
                    cmp -s root/$kb copy &&
                    record "$link" "$way" $round \
                        $((kb * 1000 / (ms > 0 ? ms : 1))) kB/s
                if [ "$link" != loopback ]; then
                    kill $! 2>/dev/null
                    wait $! 2>/dev/null
                fi
            done
        done
    done
    table ours:ours
    echo "server:client; ours: so many times the kB/s of the other;" \
        "stopwait: one block under way, as with all of Debian's but atftp"
}

# measure: what wrk makes of $name, in $what.
measure() {
    cpu=$(used "$name")
    taskset -c "$last" wrk -t1 -c16 -d"${seconds}s" -H "$header" \
        "http://127.0.0.1:${at[$name]}$path" >wrk.log 2>&1
    cpu=$(($(used "$name") - cpu))
    rate=$(awk '/Requests\/sec/ { print $2 }' wrk.log)
    if grep -q -e Non-2xx -e 'Socket errors: connect [1-9]' wrk.log; then
        rate=0
        echo "$what from $name: it answers with errors"
    fi
    record "$what" "$name" "$round" "${rate:-0}" /s
    # Processor time of children that are not waited for is nobody's.
    [ "$name" = busybox ] || record "$what,cpu" "$name" "$round" \
        "$(awk -v cpu="$cpu" '/requests in/ {
            print ($1 > 0 ? cpu / $1 : 0) }' wrk.log)" us/req
}

# --- tcp/httpd under wrk: the server on one core, wrk on the other.
httpd_peers() {
    printf '\ntcp/httpd under wrk -t1 -c16, %s s each\n' "$seconds"
    there wrk || { missing wrk && return; }
    mkdir -p site/cgi-bin
    head -c 1024 /dev/urandom | base64 -w0 | head -c 1024 >site/small
    head -c 102400 /dev/zero >site/medium
    head -c 10485760 /dev/zero >site/large
    cat >site/cgi-bin/hello <<'END'
#!/bin/sh
printf "Content-Type: text/plain\r\n\r\nhello\n"
END
    chmod -R a+rX site . && chmod 755 site/cgi-bin/hello
    declare -A at=()
    local servers=() name
    for name in httpd fork nginx lighttpd apache2 darkhttpd busybox mini_httpd
    do
        [ $name = httpd ] || [ $name = fork ] || there $name || {
            missing $name
            continue
        }
        servers+=("$name")
        at[$name]=$(free_port)
        port=${at[$name]}
        case $name in
        httpd) serve httpd "$build/tcp/httpd" --workers 16 --log httpd.access \
            127.0.0.1 "$port" site ;;
        fork) serve fork "$build/tcp/httpd" --log fork.access \
            127.0.0.1 "$port" site ;;
        nginx)
            mkdir -p nginx
            echo "daemon off; worker_processes 2; pid $PWD/nginx/pid; user root;
                error_log $PWD/nginx/error;
                events { worker_connections 512; }
                http { access_log $PWD/nginx/access; sendfile on; tcp_nopush on;
                    keepalive_requests 1000000;
                    client_body_temp_path $PWD/nginx;
                    proxy_temp_path $PWD/nginx; fastcgi_temp_path $PWD/nginx;
                    uwsgi_temp_path $PWD/nginx; scgi_temp_path $PWD/nginx;
                    server { listen 127.0.0.1:$port; root $PWD/site; } }" \
                >nginx.conf
            serve nginx nginx -p "$PWD/nginx" -c "$PWD/nginx.conf" ;;
        lighttpd)
            echo "server.document-root = \"$PWD/site\"
                server.bind = \"127.0.0.1\"
                server.port = $port
                server.max-keep-alive-requests = 1000000
                server.max-worker = 2
                server.modules = (\"mod_cgi\", \"mod_accesslog\")
                accesslog.filename = \"$PWD/lighttpd.access\"
                cgi.assign = (\"hello\" => \"\")" >lighttpd.conf
            local modules=/opt/lighttpd/usr/lib/lighttpd # by setup.sh --all
            [ -d $modules ] || modules=$(find /usr/lib* -name mod_cgi.so \
                -path '*lighttpd*' -printf %h -quit)
            serve lighttpd lighttpd -D -f lighttpd.conf -m "$modules" ;;
        apache2)
            local modules=/usr/lib/apache2/modules
            echo "ServerName me
                Listen 127.0.0.1:$port
                PidFile $PWD/apache.pid
                DefaultRuntimeDir $PWD
                ErrorLog $PWD/apache.error
                LogFormat \"%h %l %u %t \\\"%r\\\" %>s %b\" common
                CustomLog $PWD/apache.access common
                LoadModule mpm_prefork_module $modules/mod_mpm_prefork.so
                LoadModule authz_core_module $modules/mod_authz_core.so
                LoadModule cgi_module $modules/mod_cgi.so
                LoadModule alias_module $modules/mod_alias.so
                StartServers 16
                MaxRequestWorkers 32
                MaxKeepAliveRequests 0
                DocumentRoot $PWD/site
                ScriptAlias /cgi-bin/ $PWD/site/cgi-bin/" >apache.conf
            serve apache2 apache2 -DFOREGROUND -f "$PWD/apache.conf" ;;
        darkhttpd) serve darkhttpd darkhttpd site --port "$port" \
            --addr 127.0.0.1 ;;
        busybox) serve busybox busybox httpd -f -p "127.0.0.1:$port" -h site ;;
        mini_httpd) serve mini_httpd mini_httpd -D -h 127.0.0.1 -p "$port" \
            -d site -c 'cgi-bin/*' -l mini.log -i mini.pid ;;
        esac
    done
    sleep 0.5

    # What each scenario asks for, and who can.
    local round what path header cpu rate
    for what in small medium large small-close cgi small-two-cores; do
        path=/small header='X-Nothing: 1'
        [ $what != medium ] || path=/medium
        [ $what != large ] || path=/large
        [ $what != cgi ] || path=/cgi-bin/hello
        [ $what != small-close ] || header='Connection: close'
        for ((round = 1; round <= rounds; round++)); do
            for name in "${servers[@]}"; do
                case $what:$name in
                cgi:nginx | cgi:darkhttpd | cgi:fork) continue ;;
                medium:fork | large:fork) continue ;;
                small*:busybox | medium:busybox | *:mini_httpd) # no keep-alive
                    [ $what = small-close ] || [ $what = cgi ] || continue ;;
                esac
                [ $what != small-two-cores ] || widen "$name"
                measure
            done
        done
    done
    table httpd
    cat <<'END'
ours: so many times as good as the other. The server has one core, wrk the
other one; small-two-cores: the server has both. cpu: processor time of a
request, which other people's work disturbs least. httpd has 16 workers, as
many as wrk has connections; fork is httpd without workers. small: 1 KiB,
medium: 100 KiB, large: 10 MiB. Whoever can keeps an access log.
END
}

# --- udp/tftp beside TCP, over a line with loss.
line_peers() {
    printf '\nudp/tftp beside TCP: 5 ms each way, packets of 1500 bytes\n'
    (cd "$tests/.." && bash tests/line.sh loss)
}

echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)," \
    "$(nproc) cores, load $(cut -d ' ' -f 1-3 /proc/loadavg), $rounds rounds"
for what; do
    case $what in
    ring | ftp | tftp | httpd | line) "${what}_peers" || exit 1 ;;
    *)
        echo "usage: bench_peers.sh [ring|ftp|tftp|httpd|line]..." >&2
        exit 2
        ;;
    esac
done
