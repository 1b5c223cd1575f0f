pub(crate) mod hooks;
