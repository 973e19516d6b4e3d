// GMime beside intake: reads a list of message files and says what GMime finds in each, or how fast it is.
//
//   gmime_tool LIST                          one JSON object a line
//   gmime_tool --bench text|all [--runs N] LIST...   one JSON object of figures a list
//
// LIST names one file a line. `text` parses, reads subject, addresses and date, and decodes the body text to UTF-8;
// `all` decodes every other part as well. All files are in memory before a clock starts.
//
// A first line "From ..." is skipped, because GMime reads it in mbox mode only, which would cut bodies too.

#define _GNU_SOURCE
#include <errno.h>
#include <gmime/gmime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static GMimeParserOptions *options;

// Files

static GPtrArray *read_list(const char *path) {
  char *text;
  if (!g_file_get_contents(path, &text, NULL, NULL)) {
    fprintf(stderr, "gmime_tool: %s: %s\n", path, strerror(errno));
    exit(66);
  }
  GPtrArray *names = g_ptr_array_new();
  for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) g_ptr_array_add(names, line);
  return names;
}

static GByteArray *read_file(const char *path) {
  char *data;
  gsize size;
  if (!g_file_get_contents(path, &data, &size, NULL)) {
    fprintf(stderr, "gmime_tool: %s: %s\n", path, strerror(errno));
    exit(66);
  }
  if (size > 5 && memcmp(data, "From ", 5) == 0) {
    char *end = memchr(data, '\n', size);
    if (end) {
      size -= (gsize)(end + 1 - data);
      memmove(data, end + 1, size);
    }
  }
  return g_byte_array_new_take((guint8 *)data, size);
}

// JSON

static void put_string(GString *out, const char *text) {
  if (!text) {
    g_string_append(out, "null");
    return;
  }
  char *valid = g_utf8_make_valid(text, -1);
  g_string_append_c(out, '"');
  for (const unsigned char *p = (unsigned char *)valid; *p; p++) {
    if (*p == '"' || *p == '\\')
      g_string_append_printf(out, "\\%c", *p);
    else if (*p < 0x20 || *p == 0x7f)
      g_string_append_printf(out, "\\u%04x", *p);
    else
      g_string_append_c(out, (char)*p);
  }
  g_string_append_c(out, '"');
  g_free(valid);
}

static void put_key(GString *out, const char *key) {
  if (out->str[out->len - 1] != '{') g_string_append_c(out, ',');
  g_string_append_printf(out, "\"%s\":", key);
}

static int put_addresses(GString *out, InternetAddressList *list, int count) {
  for (int i = 0; list && i < internet_address_list_length(list); i++) {
    InternetAddress *address = internet_address_list_get_address(list, i);
    if (INTERNET_ADDRESS_IS_GROUP(address)) {
      count = put_addresses(out, internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)), count);
      continue;
    }
    if (count++) g_string_append_c(out, ',');
    g_string_append(out, "{");
    put_key(out, "name");
    put_string(out, internet_address_get_name(address));
    put_key(out, "address");
    put_string(out, internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address)));
    g_string_append(out, "}");
  }
  return count;
}

// Parts

static gboolean is_blank(const char *text) {
  for (; *text; text++)
    if (!g_ascii_isspace(*text)) return FALSE;
  return TRUE;
}

static gboolean is_type(GMimeObject *part, const char *type, const char *subtype) {
  return g_mime_content_type_is_type(g_mime_object_get_content_type(part), type, subtype);
}

static gboolean is_attached(GMimeObject *part) {
  const char *disposition = g_mime_object_get_disposition(part);
  if (disposition && g_ascii_strcasecmp(disposition, "attachment") == 0) return TRUE;
  if (!GMIME_IS_TEXT_PART(part)) return TRUE;
  return g_mime_part_get_filename(GMIME_PART(part)) != NULL;
}

typedef void (*text_sink)(gboolean html, const char *text, void *context);

static char *text_of(GMimeObject *part) {
  char *text = GMIME_IS_TEXT_PART(part) ? g_mime_text_part_get_text(GMIME_TEXT_PART(part)) : NULL;
  return text ? text : g_strdup("");
}

// What a mail client would show: the alternatives settled, the root of related parts, texts joined otherwise.
static void walk_text(GMimeObject *part, text_sink sink, void *context) {
  if (GMIME_IS_MULTIPART(part)) {
    GMimeMultipart *parts = GMIME_MULTIPART(part);
    int count = g_mime_multipart_get_count(parts);
    if (count == 0) return;
    if (is_type(part, "multipart", "alternative")) {
      for (int i = 0; i < count; i++) {
        GMimeObject *child = g_mime_multipart_get_part(parts, i);
        if (!is_type(child, "text", "plain") || is_attached(child)) continue;
        char *text = text_of(child);
        gboolean blank = is_blank(text);
        if (!blank) sink(FALSE, text, context);
        g_free(text);
        if (!blank) return;
      }
      for (int pass = 0; pass < 2; pass++)
        for (int i = count - 1; i >= 0; i--) {
          GMimeObject *child = g_mime_multipart_get_part(parts, i);
          if (pass == 0 ? GMIME_IS_MULTIPART(child) : is_type(child, "text", "*")) {
            walk_text(child, sink, context);
            return;
          }
        }
      return;
    }
    if (is_type(part, "multipart", "related") || is_type(part, "multipart", "signed")) count = 1;
    if (is_type(part, "multipart", "encrypted")) count = 0;
    for (int i = 0; i < count; i++) walk_text(g_mime_multipart_get_part(parts, i), sink, context);
    return;
  }
  if (is_attached(part)) return;
  char *text = text_of(part);
  sink(is_type(part, "text", "html"), text, context);
  g_free(text);
}

typedef void (*part_sink)(GMimeObject *part, void *context);

static void walk_attachments(GMimeObject *part, part_sink sink, void *context) {
  if (GMIME_IS_MULTIPART(part)) {
    GMimeMultipart *parts = GMIME_MULTIPART(part);
    for (int i = 0; i < g_mime_multipart_get_count(parts); i++)
      walk_attachments(g_mime_multipart_get_part(parts, i), sink, context);
  } else if (is_attached(part)) {
    sink(part, context);
  }
}

// One message as JSON

static void put_text(gboolean html, const char *text, void *context) {
  GString *out = context;
  if (out->str[out->len - 1] != '[') g_string_append_c(out, ',');
  g_string_append_printf(out, "{\"html\":%s,\"text\":", html ? "true" : "false");
  put_string(out, text);
  g_string_append_c(out, '}');
}

static void put_attachment(GMimeObject *part, void *context) {
  GString *out = context;
  if (out->str[out->len - 1] != '[') g_string_append_c(out, ',');
  g_string_append_c(out, '{');
  put_key(out, "file_name");
  if (GMIME_IS_PART(part)) {
    put_string(out, g_mime_part_get_filename(GMIME_PART(part)));
  } else {
    const char *name = g_mime_object_get_content_disposition_parameter(part, "filename");
    put_string(out, name ? name : g_mime_object_get_content_type_parameter(part, "name"));
  }
  char *type = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(part));
  char *lower = g_ascii_strdown(type, -1);
  put_key(out, "content_type");
  put_string(out, lower);
  g_free(type);
  g_free(lower);
  if (GMIME_IS_PART(part)) {
    GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(part));
    GMimeStream *stream = g_mime_stream_mem_new();
    if (content) g_mime_data_wrapper_write_to_stream(content, stream);
    GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    char *digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes->data ? bytes->data : (guint8 *)"", bytes->len);
    put_key(out, "decoded_size");
    g_string_append_printf(out, "%u", bytes->len);
    put_key(out, "sha256");
    put_string(out, digest);
    g_free(digest);
    g_object_unref(stream);
  }
  g_string_append_c(out, '}');
}

static GMimeMessage *parse(GByteArray *bytes) {
  GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);
  g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
  GMimeParser *parser = g_mime_parser_new_with_stream(stream);
  GMimeMessage *message = g_mime_parser_construct_message(parser, options);
  g_object_unref(parser);
  g_object_unref(stream);
  return message;
}

static void describe(const char *path, GString *out) {
  static const struct { const char *key; GMimeAddressType type; } lists[] = {
      {"from", GMIME_ADDRESS_TYPE_FROM}, {"to", GMIME_ADDRESS_TYPE_TO}, {"cc", GMIME_ADDRESS_TYPE_CC}};
  GByteArray *bytes = read_file(path);
  GMimeMessage *message = parse(bytes);
  g_string_assign(out, "{");
  put_key(out, "file");
  put_string(out, path);
  if (message) {
    put_key(out, "subject");
    put_string(out, g_mime_message_get_subject(message));
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
      put_key(out, lists[i].key);
      g_string_append_c(out, '[');
      put_addresses(out, g_mime_message_get_addresses(message, lists[i].type), 0);
      g_string_append_c(out, ']');
    }
    GDateTime *date = g_mime_message_get_date(message);
    put_key(out, "date");
    if (date)
      g_string_append_printf(out, "%" G_GINT64_FORMAT, g_date_time_to_unix(date));
    else
      g_string_append(out, "null");
    put_key(out, "message_id");
    put_string(out, g_mime_message_get_message_id(message));
    put_key(out, "texts");
    g_string_append_c(out, '[');
    GMimeObject *body = g_mime_message_get_mime_part(message);
    if (body) walk_text(body, put_text, out);
    g_string_append_c(out, ']');
    put_key(out, "attachments");
    g_string_append_c(out, '[');
    if (body) walk_attachments(body, put_attachment, out);
    g_string_append_c(out, ']');
    g_object_unref(message);
  } else {
    put_key(out, "failed");
    g_string_append(out, "true");
  }
  g_string_append(out, "}\n");
  g_byte_array_unref(bytes);
  fwrite(out->str, 1, out->len, stdout);
}

// Speed

struct tally { gsize text; gsize attachments; };

static void count_text(gboolean html, const char *text, void *context) {
  (void)html;
  ((struct tally *)context)->text += strlen(text);
}

static void count_attachment(GMimeObject *part, void *context) {
  if (!GMIME_IS_PART(part)) return;
  GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(part));
  if (!content) return;
  GMimeStream *null = g_mime_stream_null_new();
  gssize size = g_mime_data_wrapper_write_to_stream(content, null);
  if (size > 0) ((struct tally *)context)->attachments += (gsize)size;
  g_object_unref(null);
}

// Seconds this thread kept its core busy; what other programs take beside it does not count.
static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void bench(const char *list, gboolean all, int runs) {
  GPtrArray *names = read_list(list);
  GHashTable *known = g_hash_table_new(g_str_hash, g_str_equal);
  GPtrArray *messages = g_ptr_array_new();
  gsize size = 0;
  for (guint i = 0; i < names->len; i++) {
    // The list names a file once for each turn of the corpus; one copy in memory serves them.
    GByteArray *bytes = g_hash_table_lookup(known, names->pdata[i]);
    if (!bytes) g_hash_table_insert(known, names->pdata[i], bytes = read_file(names->pdata[i]));
    g_ptr_array_add(messages, bytes);
    size += bytes->len;
  }
  printf("{\"parser\":\"GMime %u.%u.%u\",\"mode\":\"%s\",\"messages\":%u,\"bytes\":%zu,\"seconds\":[",
         gmime_major_version, gmime_minor_version, gmime_micro_version, all ? "all" : "text", messages->len, size);
  struct tally tally = {0, 0};
  for (int run = 0; run < runs; run++) {
    double start = now();
    for (guint i = 0; i < messages->len; i++) {
      GMimeMessage *message = parse(messages->pdata[i]);
      if (!message) continue;
      const char *subject = g_mime_message_get_subject(message);
      tally.text += subject ? strlen(subject) : 0;
      for (int type = GMIME_ADDRESS_TYPE_SENDER; type <= GMIME_ADDRESS_TYPE_CC; type++)
        tally.text += (gsize)internet_address_list_length(g_mime_message_get_addresses(message, type));
      GDateTime *date = g_mime_message_get_date(message);
      tally.text += date != NULL;
      GMimeObject *body = g_mime_message_get_mime_part(message);
      if (body) walk_text(body, count_text, &tally);
      if (body && all) walk_attachments(body, count_attachment, &tally);
      g_object_unref(message);
    }
    printf("%s%.6f", run ? "," : "", now() - start);
  }
  printf("],\"text\":%zu,\"decoded\":%zu}\n", tally.text / (gsize)runs, tally.attachments / (gsize)runs);
  fflush(stdout);
}

int main(int argc, char **argv) {
  g_mime_init();
  options = g_mime_parser_options_new();
  int index = 1, runs = 3;
  const char *mode = NULL;
  for (; index + 1 < argc && strncmp(argv[index], "--", 2) == 0; index += 2) {
    if (strcmp(argv[index], "--bench") == 0) mode = argv[index + 1];
    if (strcmp(argv[index], "--runs") == 0) runs = atoi(argv[index + 1]);
  }
  if (index >= argc || runs < 1) {
    fprintf(stderr, "usage: gmime_tool [--bench text|all [--runs N]] LIST...\n");
    return 64;
  }
  for (; index < argc; index++) {
    if (mode) {
      bench(argv[index], strcmp(mode, "all") == 0, runs);
    } else {
      GPtrArray *names = read_list(argv[index]);
      GString *out = g_string_new("");
      for (guint i = 0; i < names->len; i++) describe(names->pdata[i], out);
    }
  }
  return 0;
}
