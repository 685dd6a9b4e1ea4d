// Commands that a message tells, as they can be typed (python/sideman/remedies.py says the same of
// Python's own). Any thread but the audio thread.
#pragma once

#include <string>

namespace sideman {

#ifdef _WIN32
inline constexpr bool types_on_windows = true;
#else
inline constexpr bool types_on_windows = false;
#endif

// A path that a program is given. Neither shell of Windows may hold the other's quotes but these.
inline std::string word_to_type(const std::string& path, bool windows = types_on_windows) {
  return windows ? '"' + path + '"' : "'" + path + "'";
}

// A path that is run; on Windows by PowerShell, for which a quoted word alone is but a text.
inline std::string program_to_type(const std::string& path, bool windows = types_on_windows) {
  if (!windows) return word_to_type(path, windows);
  return path.find(' ') == std::string::npos ? path : "& " + word_to_type(path, windows);
}

}  // namespace sideman
