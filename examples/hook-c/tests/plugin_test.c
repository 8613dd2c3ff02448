/* The plugin behind its door, with a host of two functions. */
#include "tutti/abi/plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tutti/abi/calls.h"
#include "tutti/abi/hook.h"

extern const tutti_entry tutti_plugin_entry;

static char finished[256]; /* what the plugin answered last */
static char said[256];     /* what it wrote to a sink */
static int failures;

static void keep(char* to, size_t size, tutti_str text) {
  snprintf(to, size, "%.*s", (int)text.size, text.data == NULL ? "" : text.data);
}

static tutti_code finish(const tutti_host* host, tutti_call call, const tutti_outcome* outcome) {
  (void)host;
  (void)call;
  keep(finished, sizeof finished, outcome->body);
  return TUTTI_OK;
}

static const void* get_service(const tutti_host* host, const char* id) {
  static const tutti_host_calls kCalls = {.size = sizeof kCalls, .finish = finish};
  (void)host;
  return strcmp(id, TUTTI_SERVICE_CALLS) == 0 ? &kCalls : NULL;
}

static void write_error(void* user, tutti_str text) {
  (void)user;
  keep(said, sizeof said, text);
}

static void expect(const char* what, const char* expected, const char* found) {
  if (strcmp(expected, found) != 0) {
    fprintf(stderr, "%s: expected \"%s\", found \"%s\"\n", what, expected, found);
    ++failures;
  }
}

static tutti_str str(const char* text) {
  const tutti_str view = {text, strlen(text)};
  return view;
}

static const char* ask(const tutti_plugin* plugin, const char* payload) {
  const tutti_hook* hook = plugin->get_extension(plugin->self, TUTTI_KIND_HOOK);
  const tutti_call_info info = {.size = sizeof info, .call = 1};
  const tutti_point point = {.size = sizeof point, .mode = TUTTI_HOOK_GATE, .name = str("PreToolUse")};
  strcpy(finished, "not finished");
  hook->on_point(plugin->self, &info, &point, str(payload));
  return finished;
}

int main(void) {
  const tutti_host host = {sizeof host, NULL, get_service};
  const tutti_sink error = {sizeof error, NULL, write_error};
  tutti_plugin plugin = {.size = sizeof plugin};
  if (tutti_plugin_entry.create(&host, &plugin, &error) != TUTTI_OK) {
    fprintf(stderr, "create: %s\n", said);
    return 1;
  }
  if (plugin.init(plugin.self, str("{\"deny\":\"rm +-rf\",\"reason\":\"Not \\\"here\\\".\"}"), &error) != TUTTI_OK) {
    fprintf(stderr, "init: %s\n", said);
    return 1;
  }
  plugin.activate(plugin.self, &error);
  expect("a match", "{\"deny\":\"Not \\\"here\\\".\"}",
         ask(&plugin, "{\"tool_name\":\"Bash\",\"tool_input\":{\"command\":\"cd /tmp; rm  -rf x\"}}"));
  expect("a match behind escapes", "{\"deny\":\"Not \\\"here\\\".\"}",
         ask(&plugin,
             "{\"tool_input\":{\"a\":[1,{\"b\":2}],\"comman\\u0064\":\"\\u0072m -rf x\"}, \"tool_name\": \"Bash\"}"));
  expect("another command", "", ask(&plugin, "{\"tool_name\":\"Bash\",\"tool_input\":{\"command\":\"rm x\"}}"));
  expect("another tool", "", ask(&plugin, "{\"tool_name\":\"Write\",\"tool_input\":{\"command\":\"rm -rf x\"}}"));
  expect("no input", "", ask(&plugin, "{\"tool_name\":\"Bash\"}"));
  plugin.deactivate(plugin.self);
  if (plugin.init(plugin.self, str("{\"deny\":\"(\",\"reason\":\"x\"}"), &error) != TUTTI_INVALID_ARGUMENT) {
    expect("a wrong pattern", "refused", "accepted");
  }
  plugin.destroy(plugin.self);
  return failures == 0 ? 0 : 1;
}
