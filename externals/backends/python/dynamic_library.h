#pragma once
// The operating system's loader, as far as the backend needs it. Any thread but audio. A library
// that was opened stays open until the process ends: Python cannot be unloaded.

#include <filesystem>
#include <string>
#include <string_view>

namespace sideman {

std::filesystem::path path_from_utf8(std::string_view text);
std::string path_to_utf8(const std::filesystem::path& path);
// A variable of the environment in UTF-8; empty when it is not set.
std::string environment(const char* name);

// Libraries that are opened from now on also find what they need in `folder`. Windows alone needs
// it: there a library does not know where the interpreter's own is.
void find_libraries_in(const std::filesystem::path& folder);

// Null when it cannot be opened; `why` then holds the system's reason.
void* open_library(const std::filesystem::path& file, std::string& why);
bool library_is_open(const std::filesystem::path& file);
void* library_symbol(void* library, const char* name);
// The first symbol of that name among the libraries that the whole process shares.
void* process_symbol(const char* name);
// The binary that this code is part of (the external itself); empty when unknown.
std::filesystem::path own_binary();

}  // namespace sideman
