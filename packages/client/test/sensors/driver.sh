#!/bin/sh
# A driver whose sensors are folders: `running` and `staged` hold versions, `faults` what goes wrong, a line each:
# STEP FAULT [COUNT]. What happens to a sensor happens to its files in one move, so a kill leaves it as before or after.
step=$1
drivers=${0%/*}
cd "$drivers/../sensors/$SENSOR_ID" || exit 69

if read -r other <busy 2>/dev/null && [ "$other" != $$ ] && grep -qs "$SENSOR_ID" "/proc/$other/cmdline"; then
  echo "$SENSOR_ID $step: $other is at it too" >>../../violations
fi
echo $$ >busy
echo "$SENSOR_ID $step" >>../../steps

put() {
  echo "$2" >"$1.new"
  mv "$1.new" "$1"
}

# The first fault of this step; it is used up, unless it is for ever.
fault=
rest=
changed=
while read -r of what count; do
  if [ "$of" = "$step" ] && [ -z "$fault" ]; then
    fault=$what
    changed=1
    if [ "$count" = always ]; then
      rest="$rest$of $what always
"
    elif [ "${count:-1}" -gt 1 ]; then
      rest="$rest$of $what $((count - 1))
"
    fi
  else
    rest="$rest$of $what $count
"
  fi
done <faults
if [ -n "$changed" ]; then
  printf %s "$rest" >faults.new
  mv faults.new faults
fi

read -r running <running
read -r staged <staged
case $fault in
fail) echo "$step does not work today" >&2; exit 1 ;;
refuse) echo "{\"message\": \"$step is not for me\"}"; exit 69 ;;
later) echo '{"message": "asleep", "retryAfterSeconds": 3600}'; exit 75 ;;
garbage) printf 'not JSON\n[1,2]\n{"percent": 1e999}\n{"percent": "x"}\n{"firmware": 7}\n{"retryAfterSeconds": -1}\n\377\376\n' ;;
slow) echo '{"percent": 50}'; sleep 0.05 ;;
die) kill -9 $$ ;;
# The gateway goes with it: its own process is the parent.
kill) kill -9 $PPID; exit 1 ;;
esac
after() {
  if [ "$fault" = power-after ]; then exit 1; fi
  if [ "$fault" = kill-after ]; then kill -9 $PPID; exit 1; fi
}

case $step in
describe)
  echo "{\"firmware\": \"$running\"}"
  after
  ;;
prepare) after ;;
transfer)
  cmp -s "$FIRMWARE_FILE" ../../firmware.bin || exit 69
  echo '{"percent": 30}'
  if [ "$fault" = power ]; then put staged half; exit 1; fi
  put staged "$FIRMWARE_VERSION"
  echo '{"percent": 100}'
  after
  ;;
verify)
  if [ "$fault" = power ]; then put staged none; exit 1; fi
  if [ "$staged" != "$FIRMWARE_VERSION" ]; then echo "it holds $staged" >&2; exit 1; fi
  after
  ;;
activate)
  if [ "$fault" = power ]; then exit 1; fi
  if [ "$running" != "$FIRMWARE_VERSION" ]; then
    if [ "$staged" != "$FIRMWARE_VERSION" ]; then echo "nothing to switch to" >&2; exit 1; fi
    put running "$FIRMWARE_VERSION"
  fi
  after
  ;;
rollback)
  if [ "$fault" = power ]; then exit 1; fi
  put running "$FIRMWARE_BEFORE"
  put staged none
  after
  ;;
esac
exit 0
