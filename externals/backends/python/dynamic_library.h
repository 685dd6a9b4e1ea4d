#pragma once
// The operating system's loader, as far as the backend needs it. Any thread but audio. A library
// that was opened stays open until the process ends: Python cannot be unloaded.

#include <filesystem>
#include <string>

namespace sideman {

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
