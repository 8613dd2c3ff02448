/* A command plugin whose structs can be made newer (larger) or wrong (smaller, empty) at build time. */
#include <string.h>

#include "tutti/abi/calls.h"
#include "tutti/abi/command.h"

#ifndef MAJOR
#define MAJOR TUTTI_ABI_MAJOR
#endif
#ifndef MINOR
#define MINOR TUTTI_ABI_MINOR
#endif
#ifndef ENTRY_SIZE
#define ENTRY_SIZE sizeof(tutti_entry)
#endif
#ifndef PLUGIN_SIZE
#define PLUGIN_SIZE sizeof(tutti_plugin)
#endif
#ifndef TABLE_SIZE
#define TABLE_SIZE sizeof(tutti_command)
#endif
#ifndef OUTCOME_SIZE
#define OUTCOME_SIZE sizeof(tutti_outcome)
#endif

static const tutti_host* the_host;

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
                     text("[{\"name\":\"sized.answer\",\"summary\":\"Answers.\",\"effects\":\"read\","
                          "\"input\":{\"type\":\"object\"}}]"));
}

static void invoke(void* self, const tutti_call_info* info, tutti_str name, tutti_str args) {
  const tutti_host_calls* calls = the_host->get_service(the_host, TUTTI_SERVICE_CALLS);

  struct {
    tutti_outcome outcome;
    void* more[4]; /* what a newer revision might have at the end */
  } answer;

  (void)self;
  (void)name;
  (void)args;
  memset(&answer, 0xff, sizeof answer);
  memset(&answer.outcome, 0, sizeof answer.outcome);
  answer.outcome.size = OUTCOME_SIZE;
  answer.outcome.body = text("\"answer\"");
  calls->finish(the_host, info->call, &answer.outcome);
}

/* With what a newer revision might have at the end: functions this host does not know. */
static const struct {
  tutti_command table;
  void (*more[4])(void* self);
} command = {{TABLE_SIZE, &describe,
#ifdef NO_INVOKE
              NULL
#else
              &invoke
#endif
             },
             {&nothing, &nothing, &nothing, &nothing}};

static const void* get_extension(void* self, const char* id) {
  (void)self;
  (void)&invoke;
  return strcmp(id, TUTTI_KIND_COMMAND) == 0 ? &command : NULL;
}

static tutti_code create(const tutti_host* host, tutti_plugin* plugin, const tutti_sink* error) {
  (void)error;
  the_host = host;
  plugin->size = PLUGIN_SIZE;
  plugin->self = NULL;
  plugin->init = &init;
  plugin->activate = &succeed;
  plugin->deactivate = &nothing;
  plugin->destroy = &nothing;
  plugin->get_extension = &get_extension;
#ifdef NO_EXTENSION
  plugin->get_extension = NULL;
#endif
  return TUTTI_OK;
}

__attribute__((visibility("default"))) extern const struct sized_entry {
  tutti_entry entry;
  void* more[4];
} tutti_plugin_entry;

const struct sized_entry tutti_plugin_entry = {
    {TUTTI_ENTRY_MAGIC, ENTRY_SIZE, MAJOR, MINOR, "test.sized", "1.0.0", &create}, {NULL, NULL, NULL, NULL}};
