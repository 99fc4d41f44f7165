//! etcd's image, which was one text and became a repository and a tag.

use serde_json::json;

use super::super::path::{get, put, take};
use super::Lost;
use super::moves::Fields;

/// Since v1beta1 the image's name is always this.
const NAME: &str = "etcd";

const INSTEAD: &str = "push the image under the name etcd, and set etcd.local.imageRepository (all before /etcd) and \
                       etcd.local.imageTag (all behind the colon) of the ClusterConfiguration";

/// `repository/etcd:tag`, in two.
fn parse(image: &str) -> Option<(&str, &str)> {
    let (repository, rest) = image.rsplit_once('/')?;
    let (name, tag) = rest.split_once(':')?;
    (name == NAME && !repository.is_empty() && !tag.is_empty()).then_some((repository, tag))
}

/// Takes out an image that has another form.
pub(super) fn lose_strange(kind: &'static str, fields: &mut Fields, path: &str) -> Option<Lost> {
    let image = get(fields, path)?.as_str()?;
    if image.is_empty() || parse(image).is_some() {
        return None;
    }
    take(fields, path);
    Some(Lost { kind, field: path.to_owned(), instead: INSTEAD })
}

/// `etcd.local.image`, to repository and tag.
pub(super) fn split(kind: &'static str, fields: &mut Fields) -> Option<Lost> {
    let path = "etcd.local.image";
    let lost = lose_strange(kind, fields, path);
    let image = take(fields, path);
    if let Some((repository, tag)) = image.as_ref().and_then(|image| parse(image.as_str()?)) {
        put(fields, "etcd.local.imageRepository", json!(repository));
        put(fields, "etcd.local.imageTag", json!(tag));
    }
    lost
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_image_named_etcd_has_two_parts() {
        assert_eq!(parse("example.com/etcd:3.2"), Some(("example.com", "3.2")));
        assert_eq!(parse("example.com:5000/a/etcd:3.2"), Some(("example.com:5000/a", "3.2")));
        for strange in ["etcd", "etcd:3.2", "a/etcd", "a/etcd:", "/etcd:3.2", "a/etcd-amd64:3.2", "a/etcd@sha256:0"] {
            assert_eq!(parse(strange), None, "{strange}");
        }
    }
}
