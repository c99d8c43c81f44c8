#!/bin/sh
# A sensor in a few lines of shell: an oven that is registered, reports, has a problem and gets over it.
# Each call is a connection of its own, so nothing holds the sensor in between; programs of the same user may go on.
set -eu

client() {
  busctl --system call io.lovely.Client1 /io/lovely/Client1 io.lovely.Client1 "$@"
}

client RegisterSensor 'sa{sv}' oven-1 3 kind s oven name s 'The oven' place s kitchen
client ReportStatus 'sa{sv}' oven-1 3 oven.state s heating oven.celsius d 291.5 door.open b false
client RaiseAlert 'ssssa{sv}' oven-1 oven-too-hot critical 'The oven has 291.5 °C.' 1 oven.celsius d 291.5
client ReportStatus 'sa{sv}' oven-1 2 oven.state s cooling oven.celsius d 180
client ClearAlert ss oven-1 oven-too-hot
