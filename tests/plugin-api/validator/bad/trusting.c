/* Plain C that trusts its host: built once to look for no missing service, once to look at no size, once to answer with
 * an outcome whose size nobody set. */
#include <string.h>

#include "tutti/abi/calls.h"
#include "tutti/abi/command.h"
#include "tutti/abi/log.h"

static const tutti_host* the_host;
static const tutti_host_log* the_log;
static const tutti_host_calls* the_calls;

static tutti_str text(const char* words) {
  tutti_str string = {words, strlen(words)};
  return string;
}

static tutti_code succeed(void* self, const tutti_sink* error) {
  (void)self;
  (void)error;
  return TUTTI_OK;
}

static tutti_code init(void* self, tutti_str config, const tutti_sink* error) {
  (void)config;
  return succeed(self, error);
}

static void nothing(void* self) {
  (void)self;
}

static void describe(void* self, const tutti_sink* definitions) {
  (void)self;
  definitions->write(definitions->user,
                     text("[{\"name\":\"specimen.greet\",\"summary\":\"Greets.\",\"effects\":\"read\","
                          "\"input\":{\"type\":\"object\"}}]"));
}

static void invoke(void* self, const tutti_call_info* info, tutti_str name, tutti_str args) {
  tutti_outcome outcome;
  (void)self;
  (void)name;
  (void)args;
  memset(&outcome, 0, sizeof outcome);
#ifndef NO_OUTCOME_SIZE
  outcome.size = sizeof outcome;
#endif
#ifdef CHECKS_SERVICES
  if (the_log != NULL)
#endif
  {
    if (the_log->enabled(the_host, TUTTI_LOG_DEBUG)) {
      the_log->write(the_host, TUTTI_LOG_DEBUG, text("greeted"), text(""));
    }
  }
  the_calls->finish(the_host, info->call, &outcome);
}

static const tutti_command command = {sizeof(tutti_command), &describe, &invoke};

static const void* get_extension(void* self, const char* id) {
  (void)self;
  return strcmp(id, TUTTI_KIND_COMMAND) == 0 ? &command : NULL;
}

static tutti_code create(const tutti_host* host, tutti_plugin* plugin, const tutti_sink* error) {
  if (host->size < sizeof *host || plugin->size < sizeof *plugin) {
    error->write(error->user, text("expected a host of revision 1"));
    return TUTTI_FAILED_PRECONDITION;
  }
  the_host = host;
  the_log = host->get_service(host, TUTTI_SERVICE_LOG);
  the_calls = host->get_service(host, TUTTI_SERVICE_CALLS);
#ifdef CHECKS_SERVICES
  if (the_calls == NULL) {
    error->write(error->user, text("expected the service " TUTTI_SERVICE_CALLS));
    return TUTTI_FAILED_PRECONDITION;
  }
#endif
#ifdef CHECKS_SIZES
  if (the_log != NULL && the_log->size < sizeof *the_log) {
    error->write(error->user, text("expected a whole table of " TUTTI_SERVICE_LOG));
    return TUTTI_FAILED_PRECONDITION;
  }
#endif
  plugin->size = sizeof *plugin;
  plugin->self = NULL;
  plugin->init = &init;
  plugin->activate = &succeed;
  plugin->deactivate = &nothing;
  plugin->destroy = &nothing;
  plugin->get_extension = &get_extension;
  return TUTTI_OK;
}

__attribute__((visibility("default"))) extern const tutti_entry tutti_plugin_entry;

const tutti_entry tutti_plugin_entry = {
    TUTTI_ENTRY_MAGIC, sizeof(tutti_entry), TUTTI_ABI_MAJOR, TUTTI_ABI_MINOR, "org.example.specimen", "1.0.0", &create};
