/* Just enough JSON to look at a payload and to write an answer, without a library. What is read must be valid JSON,
 * which whatever a host passes is. What is returned as char* belongs to the caller: free(). No shared state, any
 * thread. */
#ifndef JSON_H
#define JSON_H

#include "tutti/abi/core.h"

/* The raw value of a member, {NULL, 0} when there is none or `object` is no object. Keys compare decoded. */
tutti_str json_member(tutti_str object, const char* key);

/* The element of an array, {NULL, 0} past its end or when `array` is no array. */
tutti_str json_element(tutti_str array, size_t index);

/* The text of a JSON string, terminated; a NUL in it becomes U+FFFD. NULL when `value` is no string or memory is out.
 */
char* json_text(tutti_str value);

/* The text as a JSON string, with its quotes. NULL when memory is out. */
char* json_quote(const char* text);

#endif
