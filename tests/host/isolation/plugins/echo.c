/* A hook in C: allows everything, and answers with what it was given. */
#include <stdio.h>
#include <string.h>

#include "tutti/abi/calls.h"
#include "tutti/abi/hook.h"

static const tutti_host* host;
static const tutti_host_calls* calls;

static void on_point(void* self, const tutti_call_info* info, const tutti_point* point, tutti_str payload) {
  tutti_outcome outcome = {sizeof outcome, TUTTI_OK, {NULL, 0}, {NULL, 0}, 0};
  (void)self;
  if (point->mode == TUTTI_HOOK_GATE) {
    outcome.body = payload;
  }
  calls->finish(host, info->call, &outcome);
}

static const tutti_hook hook = {sizeof hook, &on_point, NULL};

static tutti_code init(void* self, tutti_str config, const tutti_sink* error) {
  (void)self;
  if (config.size >= 7 && memcmp(config.data, "\"fail\"", 6) == 0) {
    const char text[] = "the echo was told to fail";
    error->write(error->user, (tutti_str){text, sizeof text - 1});
    return TUTTI_FAILED_PRECONDITION;
  }
  return TUTTI_OK;
}

static tutti_code activate(void* self, const tutti_sink* error) {
  (void)self;
  (void)error;
  return TUTTI_OK;
}

static void nothing(void* self) {
  (void)self;
}

static const void* get_extension(void* self, const char* id) {
  (void)self;
  return strcmp(id, TUTTI_KIND_HOOK) == 0 ? &hook : NULL;
}

static tutti_code create(const tutti_host* of, tutti_plugin* plugin, const tutti_sink* error) {
  (void)error;
  host = of;
  calls = of->get_service(of, TUTTI_SERVICE_CALLS);
  plugin->self = NULL;
  plugin->init = &init;
  plugin->activate = &activate;
  plugin->deactivate = &nothing;
  plugin->destroy = &nothing;
  plugin->get_extension = &get_extension;
  return calls != NULL ? TUTTI_OK : TUTTI_FAILED_PRECONDITION;
}

const tutti_entry tutti_plugin_entry = {
    TUTTI_ENTRY_MAGIC, sizeof(tutti_entry), TUTTI_ABI_MAJOR, TUTTI_ABI_MINOR, "test.echo", "1.0.0", &create};
