/* Commands in C: one that answers at once, with an event before, and one that waits until it is cancelled. */
#include "tutti/abi/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tutti/abi/calls.h"
#include "tutti/abi/log.h"

typedef struct greeter {
  const tutti_host* host;
  const tutti_host_log* log;
  const tutti_host_calls* calls;
} greeter;

typedef struct waiting {
  greeter* plugin;
  tutti_call call;
} waiting;

static tutti_str text(const char* words) {
  tutti_str string = {words, strlen(words)};
  return string;
}

static void finish(greeter* plugin, tutti_call call, tutti_code code, tutti_str body, tutti_str message) {
  tutti_outcome outcome;
  memset(&outcome, 0, sizeof outcome);
  outcome.size = sizeof outcome;
  outcome.code = code;
  outcome.body = body;
  outcome.message = message;
  plugin->calls->finish(plugin->host, call, &outcome);
}

/* The first JSON string after "name": in the arguments, quotes included; empty when there is none. */
static tutti_str name_in(tutti_str args) {
  static const char key[] = "\"name\"";
  tutti_str none = {NULL, 0};
  size_t at = 0;
  size_t end = 0;
  while (at + sizeof key - 1 <= args.size && memcmp(args.data + at, key, sizeof key - 1) != 0) {
    ++at;
  }
  at += sizeof key - 1;
  while (at < args.size && (args.data[at] == ' ' || args.data[at] == ':')) {
    ++at;
  }
  if (at >= args.size || args.data[at] != '"') {
    return none;
  }
  for (end = at + 1; end < args.size && args.data[end] != '"'; ++end) {
    if (args.data[end] == '\\') {
      ++end;
    }
  }
  if (end >= args.size) {
    return none;
  }
  none.data = args.data + at;
  none.size = end - at + 1;
  return none;
}

static void greet(greeter* plugin, tutti_call call, tutti_str args) {
  static const char before[] = "{\"greeted\":";
  tutti_str name = name_in(args);
  char* body = NULL;
  if (name.size == 0) {
    finish(plugin, call, TUTTI_INVALID_ARGUMENT, text(""), text("expected a text at `name`, found none"));
    return;
  }
  plugin->calls->emit(plugin->host, call, text("{\"step\":\"greeting\"}"));
  body = malloc(sizeof before + name.size);
  if (body == NULL) {
    finish(plugin, call, TUTTI_RESOURCE_EXHAUSTED, text(""), text("no memory for the greeting"));
    return;
  }
  memcpy(body, before, sizeof before - 1);
  memcpy(body + sizeof before - 1, name.data, name.size);
  body[sizeof before - 1 + name.size] = '}';
  {
    tutti_str whole = {body, sizeof before + name.size};
    finish(plugin, call, TUTTI_OK, whole, text(""));
  }
  free(body);
}

static void on_cancel(void* user) {
  waiting* wait = user;
  finish(wait->plugin, wait->call, TUTTI_CANCELLED, text(""), text("the wait was cancelled"));
  free(wait);
}

static void invoke(void* self, const tutti_call_info* info, tutti_str name, tutti_str args) {
  greeter* plugin = self;
  waiting* wait = NULL;
  if (name.size == strlen("frozen.greet") && memcmp(name.data, "frozen.greet", name.size) == 0) {
    greet(plugin, info->call, args);
    return;
  }
  wait = malloc(sizeof *wait);
  if (wait == NULL) {
    finish(plugin, info->call, TUTTI_RESOURCE_EXHAUSTED, text(""), text("no memory for the wait"));
    return;
  }
  wait->plugin = plugin;
  wait->call = info->call;
  if (plugin->calls->on_cancel(plugin->host, info->call, &on_cancel, wait) != TUTTI_OK) {
    free(wait);
  }
}

static void describe(void* self, const tutti_sink* definitions) {
  (void)self;
  definitions->write(
      definitions->user,
      text("[{\"name\":\"frozen.greet\",\"summary\":\"Greets somebody.\",\"effects\":\"read\",\"input\":{\"type\":"
           "\"object\",\"required\":[\"name\"],\"properties\":{\"name\":{\"type\":\"string\"}}},\"rest\":[{\"method\":"
           "\"GET\",\"path\":\"/v1/frozen/{name}\"}]},"));
  definitions->write(
      definitions->user,
      text(
          "{\"name\":\"frozen.wait\",\"summary\":\"Waits until it is cancelled.\",\"effects\":\"write\",\"timeout_ms\":"
          "200,\"input\":{\"type\":\"object\"}}]"));
}

static const tutti_command command_table = {sizeof(tutti_command), &describe, &invoke};

static tutti_code init(void* self, tutti_str config, const tutti_sink* error) {
  (void)self;
  if (config.size != 2 || memcmp(config.data, "{}", 2) != 0) {
    error->write(error->user, text("expected an empty JSON object as configuration, found something else"));
    return TUTTI_INVALID_ARGUMENT;
  }
  return TUTTI_OK;
}

static tutti_code activate(void* self, const tutti_sink* error) {
  greeter* plugin = self;
  (void)error;
  if (plugin->log->enabled(plugin->host, TUTTI_LOG_NOTICE)) {
    plugin->log->write(plugin->host, TUTTI_LOG_NOTICE, text("frozen commands are there"), text(""));
  }
  return TUTTI_OK;
}

static void deactivate(void* self) {
  (void)self;
}

static void destroy(void* self) {
  free(self);
}

static const void* get_extension(void* self, const char* id) {
  (void)self;
  return strcmp(id, TUTTI_KIND_COMMAND) == 0 ? &command_table : NULL;
}

static tutti_code create(const tutti_host* host, tutti_plugin* plugin, const tutti_sink* error) {
  greeter* self = NULL;
  if (plugin->size < sizeof *plugin || host->size < sizeof *host) {
    error->write(error->user, text("expected a host of revision 1, found smaller structs"));
    return TUTTI_FAILED_PRECONDITION;
  }
  self = calloc(1, sizeof *self);
  if (self == NULL) {
    return TUTTI_RESOURCE_EXHAUSTED;
  }
  self->host = host;
  self->log = host->get_service(host, TUTTI_SERVICE_LOG);
  self->calls = host->get_service(host, TUTTI_SERVICE_CALLS);
  if (self->log == NULL || self->log->size < sizeof *self->log || self->calls == NULL ||
      self->calls->size < sizeof *self->calls) {
    error->write(error->user, text("expected the services " TUTTI_SERVICE_LOG " and " TUTTI_SERVICE_CALLS));
    free(self);
    return TUTTI_FAILED_PRECONDITION;
  }
  plugin->size = sizeof *plugin;
  plugin->self = self;
  plugin->init = &init;
  plugin->activate = &activate;
  plugin->deactivate = &deactivate;
  plugin->destroy = &destroy;
  plugin->get_extension = &get_extension;
  return TUTTI_OK;
}

__attribute__((visibility("default"))) extern const tutti_entry tutti_plugin_entry;

const tutti_entry tutti_plugin_entry = {
    TUTTI_ENTRY_MAGIC, sizeof(tutti_entry), 1, 0, "org.example.frozen.command", "1.0.0", &create};
