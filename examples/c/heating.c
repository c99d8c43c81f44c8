/*
 * A heating that is registered, reports, has a problem and gets over it. Needs Debian's package libsystemd-dev:
 *
 *     cc -o heating heating.c $(pkg-config --cflags --libs libsystemd)
 */
#include <stdio.h>
#include <string.h>
#include <systemd/sd-bus.h>

#define NAME "io.lovely.Client1"
#define PATH "/io/lovely/Client1"

static sd_bus *bus;

/* The result of the last call: less than 0 says what went wrong. */
static int told(const char *method, int result, sd_bus_error *error) {
  if (result < 0)
    fprintf(stderr, "%s: %s\n", method, error->message ? error->message : strerror(-result));
  sd_bus_error_free(error);
  return result;
}

#define CALL(method, ...)                                                                                             \
  do {                                                                                                                \
    sd_bus_error error = SD_BUS_ERROR_NULL;                                                                           \
    if (told(method, sd_bus_call_method(bus, NAME, PATH, NAME, method, &error, NULL, __VA_ARGS__), &error) < 0)       \
      return 1;                                                                                                       \
  } while (0)

int main(void) {
  if (sd_bus_open_system(&bus) < 0) {
    fprintf(stderr, "there is no system bus\n");
    return 1;
  }
  CALL("RegisterSensor", "sa{sv}", "heating-1", 2, "kind", "s", "heating", "place", "s", "cellar");
  CALL("ReportStatus", "sa{sv}", "heating-1", 3, "burner.state", "s", "on", "flow.celsius", "d", 55.5, "pressure.bar",
       "d", 0.6);
  CALL("RaiseAlert", "ssssa{sv}", "heating-1", "water-low", "critical", "The heating needs water.", 1, "pressure.bar",
       "d", 0.6);
  CALL("ReportStatus", "sa{sv}", "heating-1", 1, "pressure.bar", "d", 1.5);
  CALL("ClearAlert", "ss", "heating-1", "water-low");
  sd_bus_flush_close_unref(bus);
  return 0;
}
