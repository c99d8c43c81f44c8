/*
 * A program with a proto of its own, 0x1000: what the backend sends it, it sends back. Needs Debian's package libsystemd-dev:
 *
 *     cc -o echo echo.c $(pkg-config --cflags --libs libsystemd)
 */
#include <stdint.h>
#include <stdio.h>
#include <systemd/sd-bus.h>

#define NAME "io.lovely.Client1"
#define PATH "/io/lovely/Client1"
#define PROTO 0x1000

static int check(const char *what, int result, sd_bus_error *error) {
  if (result < 0)
    fprintf(stderr, "%s: %s\n", what, error->message ? error->message : "failed");
  sd_bus_error_free(error);
  return result;
}

static int register_proto(sd_bus *bus) {
  sd_bus_error error = SD_BUS_ERROR_NULL;
  int result = sd_bus_call_method(bus, NAME, PATH, NAME, "RegisterProto", &error, NULL, "q", (uint16_t)PROTO);
  return check("RegisterProto", result, &error);
}

static int received(sd_bus_message *message, void *data, sd_bus_error *ignored) {
  sd_bus *bus = sd_bus_message_get_bus(message);
  uint16_t proto;
  const void *bytes;
  size_t size;
  (void)data;
  (void)ignored;
  if (sd_bus_message_read(message, "q", &proto) < 0 || proto != PROTO ||
      sd_bus_message_read_array(message, 'y', &bytes, &size) < 0)
    return 0;
  sd_bus_message *call = NULL;
  if (sd_bus_message_new_method_call(bus, &call, NAME, PATH, NAME, "Send") >= 0 &&
      sd_bus_message_append(call, "q", proto) >= 0 && sd_bus_message_append_array(call, 'y', bytes, size) >= 0)
    sd_bus_send(bus, call, NULL);
  sd_bus_message_unref(call);
  return 0;
}

/* The client was restarted, or the bus' policy changed: it has forgotten us. */
static int came_back(sd_bus_message *message, void *data, sd_bus_error *ignored) {
  const char *name, *before, *now;
  (void)data;
  (void)ignored;
  if (sd_bus_message_read(message, "sss", &name, &before, &now) >= 0 && now[0] != '\0')
    register_proto(sd_bus_message_get_bus(message));
  return 0;
}

int main(void) {
  sd_bus *bus = NULL;
  if (sd_bus_open_system(&bus) < 0) {
    fprintf(stderr, "there is no system bus\n");
    return 1;
  }
  if (sd_bus_match_signal(bus, NULL, NAME, PATH, NAME, "Received", received, NULL) < 0 ||
      sd_bus_add_match(bus, NULL,
                       "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='" NAME "'",
                       came_back, NULL) < 0 ||
      register_proto(bus) < 0)
    return 1;
  puts("listening");
  fflush(stdout);
  while (sd_bus_process(bus, NULL) >= 0)
    if (sd_bus_wait(bus, UINT64_MAX) < 0)
      break;
  sd_bus_flush_close_unref(bus);
  return 0;
}
