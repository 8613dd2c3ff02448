#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static size_t skip_space(tutti_str text, size_t at) {
  while (at < text.size && is_space(text.data[at])) {
    ++at;
  }
  return at;
}

/* Where the value that begins at `at` ends. */
static size_t skip_value(tutti_str text, size_t at) {
  size_t depth = 0;
  int in_string = 0;
  for (; at < text.size; ++at) {
    const char c = text.data[at];
    if (in_string) {
      at += c == '\\';
      in_string = c != '"';
      if (!in_string && depth == 0) {
        return at + 1;
      }
    } else if (c == '"') {
      in_string = 1;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth < 2) {
        return at + depth;
      }
      --depth;
    } else if (depth == 0 && (c == ',' || c == ':' || is_space(c))) {
      return at;
    }
  }
  return text.size;
}

/* The value at *at, which is moved behind it and behind the comma or colon that follows. */
static tutti_str take(tutti_str text, size_t* at) {
  const size_t begin = skip_space(text, *at);
  const size_t end = skip_value(text, begin);
  const tutti_str value = {text.data + begin, end - begin};
  *at = skip_space(text, skip_space(text, end) + 1);
  return value;
}

static tutti_str none(void) {
  const tutti_str nothing = {NULL, 0};
  return nothing;
}

tutti_str json_member(tutti_str object, const char* key) {
  size_t at = skip_space(object, 0);
  if (at == object.size || object.data[at] != '{') {
    return none();
  }
  at = skip_space(object, at + 1);
  while (at < object.size && object.data[at] == '"') {
    char* name = json_text(take(object, &at));
    const tutti_str value = take(object, &at);
    const int found = name != NULL && strcmp(name, key) == 0;
    free(name);
    if (found) {
      return value;
    }
  }
  return none();
}

tutti_str json_element(tutti_str array, size_t index) {
  size_t at = skip_space(array, 0);
  if (at == array.size || array.data[at] != '[') {
    return none();
  }
  at = skip_space(array, at + 1);
  while (at < array.size && array.data[at] != ']') {
    const tutti_str value = take(array, &at);
    if (index-- == 0) {
      return value;
    }
  }
  return none();
}

static unsigned hex4(const char* digits) {
  char text[5] = {0};
  memcpy(text, digits, 4);
  return (unsigned)strtoul(text, NULL, 16);
}

static char* put_utf8(char* to, unsigned code) {
  if (code < 0x80) {
    *to++ = (char)code;
  } else if (code < 0x800) {
    *to++ = (char)(0xC0 | code >> 6);
    *to++ = (char)(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    *to++ = (char)(0xE0 | code >> 12);
    *to++ = (char)(0x80 | (code >> 6 & 0x3F));
    *to++ = (char)(0x80 | (code & 0x3F));
  } else {
    *to++ = (char)(0xF0 | code >> 18);
    *to++ = (char)(0x80 | (code >> 12 & 0x3F));
    *to++ = (char)(0x80 | (code >> 6 & 0x3F));
    *to++ = (char)(0x80 | (code & 0x3F));
  }
  return to;
}

/* Decodes the escape whose letter is at `from`, and returns where it ends. */
static const char* take_escape(const char* from, const char* end, char** to) {
  static const char kLetters[] = "bfnrt";
  static const char kMeanings[] = "\b\f\n\r\t";
  const char* letter = strchr(kLetters, *from);
  if (*from != 'u' || end - from < 5) {
    *(*to)++ = letter != NULL && *from != '\0' ? kMeanings[letter - kLetters] : *from;
    return from + 1;
  }
  unsigned code = hex4(from + 1);
  from += 5;
  if (code >= 0xD800 && code < 0xDC00 && end - from >= 6 && from[0] == '\\' && from[1] == 'u') {
    code = 0x10000 + ((code - 0xD800) << 10) + ((hex4(from + 2) - 0xDC00) & 0x3FF);
    from += 6;
  }
  *to = put_utf8(*to, code == 0 ? 0xFFFD : code);
  return from;
}

char* json_text(tutti_str value) {
  if (value.size < 2 || value.data[0] != '"') {
    return NULL;
  }
  /* No escape is shorter than what it stands for. */
  char* text = malloc(value.size);
  if (text == NULL) {
    return NULL;
  }
  char* to = text;
  const char* end = value.data + value.size - 1;
  for (const char* from = value.data + 1; from < end;) {
    if (*from == '\\' && from + 1 < end) {
      from = take_escape(from + 1, end, &to);
    } else {
      *to++ = *from++;
    }
  }
  *to = '\0';
  return text;
}

char* json_quote(const char* text) {
  /* The longest escape has six letters. */
  char* quoted = malloc(6 * strlen(text) + 3);
  if (quoted == NULL) {
    return NULL;
  }
  char* to = quoted;
  *to++ = '"';
  for (; *text != '\0'; ++text) {
    const unsigned char c = (unsigned char)*text;
    if (c < 0x20) {
      to += sprintf(to, "\\u%04x", c);
    } else {
      if (c == '"' || c == '\\') {
        *to++ = '\\';
      }
      *to++ = *text;
    }
  }
  *to++ = '"';
  *to = '\0';
  return quoted;
}
