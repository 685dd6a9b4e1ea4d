// Windows calls this when it loads the external. Without our own, the linker would take the one that
// MaxAudio.dll exports, and Max's would be called for us.

extern "C" int __stdcall DllMain(void*, unsigned long, void*) { return 1; }
