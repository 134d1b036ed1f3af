//! tmp
use content_store::{formats, library::*};
fn main() -> anyhow::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    let data = std::path::PathBuf::from(&args[4]);
    std::fs::create_dir_all(&data)?;
    let lib = Library::open(&data, LibraryOptions { keep_free: 0 })?;
    let plan = formats::plan(args[2].as_ref())?;
    let staged = formats::stage(&plan, &data, 0, &mut |_| ())?;
    lib.adopt(&staged)?;
    Ok(())
}
