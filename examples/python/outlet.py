#!/usr/bin/python3
"""A power outlet that is registered, reports, has a problem and gets over it. Needs Debian's package python3-dbus."""
import dbus

NAME = "io.lovely.Client1"

bus = dbus.SystemBus()
client = dbus.Interface(bus.get_object(NAME, "/io/lovely/Client1"), NAME)


def values(**held):
    # An empty dictionary alone would not say what it is to hold.
    return dbus.Dictionary({name.replace("_", "."): value for name, value in held.items()}, signature="sv")


client.RegisterSensor(
    "outlet-1", {"kind": "power-outlet", "name": "Dishwasher", "model": "PO-16", "firmware": "3.1", "place": "kitchen"}
)
client.ReportStatus("outlet-1", values(relay_on=True, power_watts=2150.0, outlet_celsius=62.0))
try:
    client.RaiseAlert("outlet-1", "plug-loose", "warning", "The plug sits loosely.", values(outlet_celsius=62.0))
    client.ReportStatus("outlet-1", values(relay_on=False, power_watts=0.0, outlet_celsius=35.0))
finally:
    client.ClearAlert("outlet-1", "plug-loose")
