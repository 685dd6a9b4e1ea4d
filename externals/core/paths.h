#pragma once
// Paths as users and hosts write them: UTF-8, perhaps from the home folder. Any thread but audio.

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace sideman {

inline std::filesystem::path path_from_utf8(std::string_view text) {
  return std::filesystem::path(std::u8string(text.begin(), text.end()));
}

// What `path.string()` cannot say on Windows, whose narrow letters are not UTF-8.
inline std::string path_to_utf8(const std::filesystem::path& path) {
  const std::u8string text = path.u8string();
  return std::string(text.begin(), text.end());
}

// A variable of the environment in UTF-8; empty when it is not set.
inline std::string environment(const char* name) {
#ifdef _WIN32
  const std::string narrow = name;
  const wchar_t* value = _wgetenv(std::wstring(narrow.begin(), narrow.end()).c_str());
  return value ? path_to_utf8(std::filesystem::path(value)) : "";
#else
  const char* value = std::getenv(name);
  return value ? value : "";
#endif
}

inline std::filesystem::path home_folder() {
#ifdef _WIN32
  return path_from_utf8(environment("USERPROFILE"));
#else
  return path_from_utf8(environment("HOME"));
#endif
}

// The whole path of what was typed, in the system's own slashes: Windows looks libraries up by the
// letter. `~` is the home folder.
inline std::filesystem::path path_as_typed(std::string_view typed) {
  std::filesystem::path path = path_from_utf8(typed);
  if (typed == "~" || typed.substr(0, 2) == "~/") {
    path = home_folder() / path_from_utf8(typed.size() > 2 ? typed.substr(2) : "");
  }
  std::error_code failed;
  std::filesystem::path whole = std::filesystem::absolute(path, failed);
  return (failed ? path : whole).make_preferred();
}

}  // namespace sideman
