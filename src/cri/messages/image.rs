//! Images.

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::cri) struct ImageSpec {
    #[prost(string, tag = "1")]
    pub(in crate::cri) image: String,
}

/// Also `PullImageRequest`, whose other fields kinit does not send.
#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::cri) struct ImageRequest {
    #[prost(message, optional, tag = "1")]
    pub(in crate::cri) image: Option<ImageSpec>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::cri) struct ImageStatusResponse {
    #[prost(message, optional, tag = "1")]
    pub(in crate::cri) image: Option<Image>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::cri) struct Images {
    #[prost(message, repeated, tag = "1")]
    pub(in crate::cri) images: Vec<Image>,
}

/// An image in the runtime's store.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Image {
    /// Its id.
    #[prost(string, tag = "1")]
    pub id: String,
    /// Its names with tags.
    #[prost(string, repeated, tag = "2")]
    pub repo_tags: Vec<String>,
    /// Its names with digests.
    #[prost(string, repeated, tag = "3")]
    pub repo_digests: Vec<String>,
    /// Bytes.
    #[prost(uint64, tag = "4")]
    pub size: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::cri) struct PullImageResponse {
    #[prost(string, tag = "1")]
    pub(in crate::cri) image_ref: String,
}
