/* A hook in C: denies commands about nobody, and counts what it observes into the log. */
#include "tutti/abi/hook.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tutti/abi/calls.h"
#include "tutti/abi/log.h"

typedef struct hook {
  const tutti_host* host;
  const tutti_host_log* log;
  const tutti_host_calls* calls;
  atomic_uint observed;
} hook;

static tutti_str text(const char* words) {
  tutti_str string = {words, strlen(words)};
  return string;
}

static int contains(tutti_str whole, const char* part) {
  size_t size = strlen(part);
  for (size_t at = 0; at + size <= whole.size; ++at) {
    if (memcmp(whole.data + at, part, size) == 0) {
      return 1;
    }
  }
  return 0;
}

static void on_point(void* self, const tutti_call_info* info, const tutti_point* point, tutti_str payload) {
  hook* plugin = self;
  tutti_outcome outcome;
  memset(&outcome, 0, sizeof outcome);
  outcome.size = sizeof outcome;
  if (point->mode == TUTTI_HOOK_GATE && contains(payload, "\"nobody\"")) {
    outcome.body = text("{\"deny\":\"Nobody is not greeted.\"}");
  }
  plugin->calls->finish(plugin->host, info->call, &outcome);
}

static void on_events(void* self, const tutti_event* events, size_t count) {
  hook* plugin = self;
  for (size_t i = 0; i < count; ++i) {
    char fields[64];
    unsigned observed = atomic_fetch_add(&plugin->observed, 1) + 1;
    if (!contains(events[i].data, "\"frozen.")) {
      continue;
    }
    snprintf(fields, sizeof fields, "{\"observed\":%u}", observed);
    plugin->log->write(plugin->host, TUTTI_LOG_NOTICE, text("frozen hook observed a command"), text(fields));
  }
}

static const tutti_hook hook_table = {sizeof(tutti_hook), &on_point, &on_events};

static tutti_code init(void* self, tutti_str config, const tutti_sink* error) {
  (void)self;
  if (config.size != 2 || memcmp(config.data, "{}", 2) != 0) {
    error->write(error->user, text("expected an empty JSON object as configuration, found something else"));
    return TUTTI_INVALID_ARGUMENT;
  }
  return TUTTI_OK;
}

static tutti_code activate(void* self, const tutti_sink* error) {
  (void)self;
  (void)error;
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
  return strcmp(id, TUTTI_KIND_HOOK) == 0 ? &hook_table : NULL;
}

static tutti_code create(const tutti_host* host, tutti_plugin* plugin, const tutti_sink* error) {
  hook* self = NULL;
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
    TUTTI_ENTRY_MAGIC, sizeof(tutti_entry), 1, 0, "org.example.frozen.hook", "1.0.0", &create};
