/* An entry of something else. */
#include "tutti/abi/plugin.h"

__attribute__((visibility("default"))) extern const tutti_entry tutti_plugin_entry;

const tutti_entry tutti_plugin_entry = {
    0x12345678u, sizeof(tutti_entry), TUTTI_ABI_MAJOR, TUTTI_ABI_MINOR, "org.example.specimen", "1.0.0", NULL};
