# One interface target that every target of ours links: warnings, threads, sanitizers.
find_package(Threads REQUIRED)
add_library(sideman_options INTERFACE)
target_include_directories(sideman_options INTERFACE ${PROJECT_SOURCE_DIR}/externals)
target_link_libraries(sideman_options INTERFACE Threads::Threads)
if(MSVC)
  target_compile_options(sideman_options INTERFACE /W4 /utf-8)
  if(SIDEMAN_BUILD_MAX)  # Max's folder has no redistributable of ours
    set(CMAKE_MSVC_RUNTIME_LIBRARY "MultiThreaded$<$<CONFIG:Debug>:Debug>")
  endif()
else()
  target_compile_options(sideman_options INTERFACE -Wall -Wextra -Wpedantic)
endif()
if(SIDEMAN_SANITIZE)
  # On whole directories, so that fetched libraries are instrumented too.
  add_compile_options(-fsanitize=${SIDEMAN_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SIDEMAN_SANITIZE})
  if(SIDEMAN_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize-recover=undefined)  # or it is told, and the test passes
  endif()
endif()
