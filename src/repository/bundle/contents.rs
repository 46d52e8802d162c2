//! Unpacks every file: its checksum and its sizes must be as the zip says, and all of them within the limit.

use std::cell::RefCell;

use flate2::{Decompress, FlushDecompress, Status};

use super::Limits;
use super::fault::{Faults, ZipFault, ZipRule};
use super::kind::{self, STORED};
use super::local::Located;

/// Bytes that are unpacked at a time.
const BUFFER: usize = 64 * 1024;

/// Adds a fault for each file that does not unpack to what the zip says of it.
pub(super) fn check(files: &[Located<'_>], limits: &Limits, faults: &mut Faults) {
    WORKSPACE.with_borrow_mut(|workspace| unpack(workspace, files, limits, faults));
}

thread_local! {
    // Kept between zips: its state is large and aligned, and where small things that last are allocated after each zip,
    // glibc finds no use for the hole that it leaves. Ten thousand zips cost 400 MB so.
    static WORKSPACE: RefCell<Workspace> = RefCell::new(Workspace { inflate: Decompress::new(false), buffer: vec![0; BUFFER] });
}

fn unpack(workspace: &mut Workspace, files: &[Located<'_>], limits: &Limits, faults: &mut Faults) {
    let mut unpacker = Unpacker { workspace, left: limits.max_unpacked };
    // What cannot be unpacked is a fault already.
    for file in files.iter().filter(|file| kind::can_unpack(&file.listed)) {
        match unpacker.check(file) {
            Ok(()) => {}
            Err(Trouble::File(message)) => faults.add(ZipFault::new(ZipRule::Damaged, message).of(file.listed.name)),
            // What comes after is not looked at: the limit is there so that nobody keeps us busy.
            Err(Trouble::Limit) => return faults.add(too_much(limits)),
        }
    }
}

fn too_much(limits: &Limits) -> ZipFault {
    let limit = limits.max_unpacked;
    let message = format!("the zip unpacks to more than {limit} bytes, which is the limit (`max_unpacked`)");
    ZipFault::new(ZipRule::UnpacksTooLarge, message)
}

enum Trouble {
    File(&'static str),
    Limit,
}

const WRONG_SIZE: Trouble = Trouble::File("the file does not unpack to the size that the zip says");
const WRONG_CRC: Trouble =
    Trouble::File("the file does not unpack to the bytes that the zip was made of: its CRC is wrong");
const NOT_DEFLATE: Trouble = Trouble::File("the file does not unpack: its compressed bytes are damaged");

struct Workspace {
    inflate: Decompress,
    buffer: Vec<u8>,
}

struct Unpacker<'w> {
    workspace: &'w mut Workspace,
    /// Bytes that may still come out.
    left: u64,
}

impl Unpacker<'_> {
    fn check(&mut self, file: &Located<'_>) -> Result<(), Trouble> {
        let stored = file.listed.method == STORED;
        let crc32 = if stored { self.stored(file)? } else { self.deflated(file)? };
        if crc32 == file.listed.crc32 { Ok(()) } else { Err(WRONG_CRC) }
    }

    fn stored(&mut self, file: &Located<'_>) -> Result<u32, Trouble> {
        if file.listed.packed != file.listed.unpacked {
            return Err(WRONG_SIZE);
        }
        self.count(file.packed.len())?;
        Ok(crc32fast::hash(file.packed))
    }

    fn deflated(&mut self, file: &Located<'_>) -> Result<u32, Trouble> {
        let Workspace { inflate, buffer } = &mut *self.workspace;
        inflate.reset(false);
        let mut crc32 = crc32fast::Hasher::new();
        loop {
            let (done, read) = (inflate.total_out(), inflate.total_in());
            let input = file.packed.get(read as usize..).unwrap_or_default();
            let status = inflate.decompress(input, buffer, FlushDecompress::None);
            let status = status.map_err(|_| NOT_DEFLATE)?;
            let produced = (inflate.total_out() - done) as usize;
            crc32.update(buffer.get(..produced).unwrap_or_default());
            self.left = self.left.checked_sub(produced as u64).ok_or(Trouble::Limit)?;
            if inflate.total_out() > u64::from(file.listed.unpacked) {
                return Err(WRONG_SIZE);
            }
            match status {
                Status::StreamEnd => break,
                _ if produced == 0 && inflate.total_in() == read => return Err(NOT_DEFLATE),
                _ => {}
            }
        }
        // A client that reads from the start goes on where the compressed bytes end by themselves.
        let sizes = (inflate.total_in(), inflate.total_out());
        let same = sizes == (u64::from(file.listed.packed), u64::from(file.listed.unpacked));
        if same { Ok(crc32.finalize()) } else { Err(WRONG_SIZE) }
    }

    fn count(&mut self, bytes: usize) -> Result<(), Trouble> {
        self.left = self.left.checked_sub(bytes as u64).ok_or(Trouble::Limit)?;
        Ok(())
    }
}
