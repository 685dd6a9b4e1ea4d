#include "backends/python/dynamic_library.h"

#include <cstdlib>

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#ifndef NOMINMAX
#define NOMINMAX
#endif
#define PSAPI_VERSION 2
#include <windows.h>
// psapi needs windows.h first
#include <psapi.h>
#else
#include <dlfcn.h>
#endif

namespace sideman {

#ifdef _WIN32

namespace {

std::string last_error() {
  const DWORD code = GetLastError();
  char text[512] = {};
  const DWORD length =
      FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, nullptr, code, 0,
                     text, sizeof text, nullptr);
  std::string sentence(text, length);
  while (!sentence.empty() && (sentence.back() == '\n' || sentence.back() == '\r')) {
    sentence.pop_back();
  }
  return sentence + " (" + std::to_string(code) + ")";
}

}  // namespace

void find_libraries_in(const std::filesystem::path& folder) {
  if (folder.is_absolute()) AddDllDirectory(folder.c_str());
}

void* open_library(const std::filesystem::path& file, std::string& why) {
  const DWORD where = LOAD_LIBRARY_SEARCH_DEFAULT_DIRS | LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR;
  const HMODULE module = LoadLibraryExW(file.c_str(), nullptr, where);
  if (!module) why = last_error();
  return reinterpret_cast<void*>(module);
}

bool library_is_open(const std::filesystem::path& file) {
  return GetModuleHandleW(file.c_str()) != nullptr;
}

void* library_symbol(void* library, const char* name) {
  return reinterpret_cast<void*>(GetProcAddress(reinterpret_cast<HMODULE>(library), name));
}

void* process_symbol(const char* name) {
  HMODULE modules[1024];
  DWORD bytes = 0;
  if (!K32EnumProcessModules(GetCurrentProcess(), modules, sizeof modules, &bytes)) return nullptr;
  const size_t count = (bytes < sizeof modules ? bytes : sizeof modules) / sizeof(HMODULE);
  for (size_t i = 0; i < count; ++i) {
    if (void* symbol = reinterpret_cast<void*>(GetProcAddress(modules[i], name))) return symbol;
  }
  return nullptr;
}

std::filesystem::path own_binary() {
  HMODULE module = nullptr;
  const DWORD flags =
      GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
  if (!GetModuleHandleExW(flags, reinterpret_cast<LPCWSTR>(&own_binary), &module)) return {};
  wchar_t path[4096];
  const DWORD length = GetModuleFileNameW(module, path, 4096);
  return std::filesystem::path(std::wstring(path, length));
}

#else

void find_libraries_in(const std::filesystem::path&) {}

void* open_library(const std::filesystem::path& file, std::string& why) {
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* reason = dlerror();
    why = reason ? reason : "unknown reason";
  }
  return library;
}

bool library_is_open(const std::filesystem::path& file) {
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
  if (library) dlclose(library);  // gives back this look's own reference only
  return library != nullptr;
}

void* library_symbol(void* library, const char* name) { return dlsym(library, name); }

void* process_symbol(const char* name) { return dlsym(RTLD_DEFAULT, name); }

std::filesystem::path own_binary() {
  Dl_info info{};
  if (!dladdr(reinterpret_cast<void*>(&own_binary), &info) || !info.dli_fname) return {};
  std::error_code ignored;
  const std::filesystem::path found = std::filesystem::absolute(info.dli_fname, ignored);
  return ignored ? std::filesystem::path(info.dli_fname) : found;
}

#endif

}  // namespace sideman
