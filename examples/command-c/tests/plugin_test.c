/* The plugin behind its door, with a host of one service. */
#include "tutti/abi/plugin.h"

#include <stdio.h>
#include <string.h>

#include "tutti/abi/calls.h"
#include "tutti/abi/command.h"

extern const tutti_entry tutti_plugin_entry;

static char finished[256]; /* what the plugin answered last */
static int failures;

static tutti_code finish(const tutti_host* host, tutti_call call, const tutti_outcome* outcome) {
  (void)host;
  (void)call;
  snprintf(finished, sizeof finished, "%.*s", (int)outcome->body.size, outcome->body.data);
  return TUTTI_OK;
}

static const void* get_service(const tutti_host* host, const char* id) {
  static const tutti_host_calls kCalls = {.size = sizeof kCalls, .finish = finish};
  (void)host;
  return strcmp(id, TUTTI_SERVICE_CALLS) == 0 ? &kCalls : NULL;
}

static void write_error(void* user, tutti_str text) {
  (void)user;
  fprintf(stderr, "the plugin says: %.*s\n", (int)text.size, text.data);
}

static void expect(const char* what, const char* expected, const char* found) {
  if (strcmp(expected, found) != 0) {
    fprintf(stderr, "%s: expected %s, found %s\n", what, expected, found);
    ++failures;
  }
}

static tutti_str str(const char* text) {
  const tutti_str view = {text, strlen(text)};
  return view;
}

static const char* greet(const tutti_plugin* plugin, const char* args) {
  const tutti_command* command = plugin->get_extension(plugin->self, TUTTI_KIND_COMMAND);
  const tutti_call_info info = {.size = sizeof info, .call = 1};
  strcpy(finished, "nothing");
  command->invoke(plugin->self, &info, str("command_c.greet"), str(args));
  return finished;
}

int main(void) {
  const tutti_host host = {sizeof host, NULL, get_service};
  const tutti_sink error = {sizeof error, NULL, write_error};
  tutti_plugin plugin = {.size = sizeof plugin};
  if (tutti_plugin_entry.create(&host, &plugin, &error) != TUTTI_OK ||
      plugin.init(plugin.self, str("{\"word\":\"Hello\"}"), &error) != TUTTI_OK ||
      plugin.activate(plugin.self, &error) != TUTTI_OK) {
    return 1;
  }
  expect("a name", "{\"greeting\":\"Hello, Ada!\"}", greet(&plugin, "{\"name\":\"Ada\"}"));
  expect("a name with quotes", "{\"greeting\":\"Hello, \\\"Ada\\\"!\"}", greet(&plugin, "{\"name\":\"\\\"Ada\\\"\"}"));
  plugin.deactivate(plugin.self);
  plugin.destroy(plugin.self);
  return failures == 0 ? 0 : 1;
}
