// libcurl for Swift. curl_easy_setopt and curl_easy_getinfo are variadic, which Swift cannot call; these
// typed shims are all that this target adds.
#ifndef INTAKE_CCURL_SHIM_H
#define INTAKE_CCURL_SHIM_H
// The C library's declarations stay the Glibc module's: otherwise sockets and threads would seem to be declared here
// by whichever module the compiler meets first.
#pragma clang module import SwiftGlibc
#include <curl/curl.h>

// For options that take a long (CURLOPTTYPE_LONG), such as CURLOPT_CONNECT_ONLY.
static inline CURLcode intake_setopt_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

// For options that take a char *; libcurl copies the string.
static inline CURLcode intake_setopt_string(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

// For options that take a pointer that libcurl keeps as it is (lists, user data).
static inline CURLcode intake_setopt_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}

// For CURLOPT_WRITEFUNCTION, CURLOPT_READFUNCTION and options of the same shape.
typedef size_t (*intake_data_callback)(char *, size_t, size_t, void *);
static inline CURLcode intake_setopt_data_callback(CURL *handle, CURLoption option, intake_data_callback value) {
  return curl_easy_setopt(handle, option, value);
}

// For CURLINFO_ACTIVESOCKET.
static inline CURLcode intake_getinfo_socket(CURL *handle, CURLINFO info, curl_socket_t *value) {
  return curl_easy_getinfo(handle, info, value);
}

// For infos that are longs, such as CURLINFO_RESPONSE_CODE.
static inline CURLcode intake_getinfo_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}

// For CURLOPT_XFERINFOFUNCTION: lets another thread end a connection attempt.
typedef int (*intake_progress_callback)(void *, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
static inline CURLcode intake_setopt_progress_callback(CURL *handle, intake_progress_callback value) {
  return curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, value);
}

// For CURLOPT_DEBUGFUNCTION: what a server says while libcurl logs in reaches nobody otherwise.
typedef int (*intake_debug_callback)(CURL *, curl_infotype, char *, size_t, void *);
static inline CURLcode intake_setopt_debug_callback(CURL *handle, intake_debug_callback value) {
  return curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, value);
}
#endif
